"""A site's pages and scripts to what its API is called with; nothing is fetched or executed."""
