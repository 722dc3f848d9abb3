"""WARC files that other programs wrote: records, payloads, revisits."""
