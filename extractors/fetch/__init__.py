"""Requests to the site and to web archives: HTTP, its pace, robots.txt, errors."""
