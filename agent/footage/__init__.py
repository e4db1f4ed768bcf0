"""Segments on disk: write, find, cut, expire, recover."""
