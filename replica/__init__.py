"""A stand-in for the Gateway: a server on loopback that knows the truth of what it shows.

It imports nothing of the pipeline, so that a misunderstanding cannot hide on both sides. Time is
the stand-in's own: it moves when it is told to, never by itself.
"""
