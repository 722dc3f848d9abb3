"""What every form of a page is made of: text, lines, tables, spans, and limits on them."""
