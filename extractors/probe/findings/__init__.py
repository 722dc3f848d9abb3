"""What a probe asks of a site, and what it reports of the answers: pure, nothing is fetched."""
