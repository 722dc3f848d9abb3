"""One visit to the site: what to fetch, in which order, and fetching it."""
