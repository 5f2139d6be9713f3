"""One file for each group of pages; each gives a router for a shell."""
