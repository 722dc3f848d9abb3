"""The site since 2022: pages without figures, and the API from which their scripts fill them in.

Only the names that are known of the real site are its own; all other methods, columns, filters and
scripts are named by the seed, so that nobody can learn them by heart.
"""
