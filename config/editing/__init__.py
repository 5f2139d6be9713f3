"""Editing the office's files from a page: the file stays the source, with its comments, order and quoting."""
