"""A reader of the stand-in's pages that shares no code with it or with the pipeline.

It is as simple as it can be, and strict: what it does not know is an error and never skipped.
"""
