"""Puts a node, or a whole ward for trying it, onto a machine."""
