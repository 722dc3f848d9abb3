"""What to request from a form of the site, as data: paths of pages and queries of its API."""
