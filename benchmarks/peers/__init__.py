"""The alternatives: a Scrapy spider, a dlt pipeline, a script."""
