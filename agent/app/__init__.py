"""The composition root: a `Config` becomes rooms, rooms become workers; start in order, stop in reverse.

`node.py` is the list to read first. Nothing outside this package starts a thread or joins two rooms.
"""
