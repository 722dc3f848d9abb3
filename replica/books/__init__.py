"""The truth: funds, programmes, figures, and everything that happens to them."""
