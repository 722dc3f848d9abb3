"""What people would use instead: a Scrapy spider, a dlt pipeline, a script."""
