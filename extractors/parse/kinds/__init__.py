"""The kinds of pages: factsheets, views, funds, and the pages of the site since 2022."""
