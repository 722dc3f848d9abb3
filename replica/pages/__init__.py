"""The site: the books at one time, laid out in pages and served by URL."""
