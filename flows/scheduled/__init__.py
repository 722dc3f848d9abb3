"""The flows that Prefect runs: tables of contents over the same plain functions as the commands."""
