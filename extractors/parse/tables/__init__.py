"""Tables understood by their headings: figures, vouchers, lists, and how much was understood."""
