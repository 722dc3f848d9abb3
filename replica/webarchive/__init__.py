"""A web archive of the site's past."""
