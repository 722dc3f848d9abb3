"""A stand-in for the Gateway: a server on loopback that knows the truth behind its pages.

It imports nothing of the pipeline, so that a misunderstanding cannot hide on both sides. Time is
the stand-in's own: it moves on request, never by itself.
"""
