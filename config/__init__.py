"""Settings, the office's own files, and the wiring that joins the parts. Read by entry points only."""
