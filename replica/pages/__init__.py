"""The site: what the books say at one time, laid out in pages and answered by address."""
