"""The interface for other programs (/api/v1): the same reads and writes as the pages, by the same rights."""
