"""For people at a desk: replay a video, film it, hold it against the truth, try a model, reckon the reach.

Uses the node's own parts; no node loads anything of it.
"""
