"""What there is and what happens to it: funds, programmes, figures, and the truth of them all."""
