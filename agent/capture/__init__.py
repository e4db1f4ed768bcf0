"""A camera becomes Packets (for footage) and Frames (for vision). One file per kind, all through PyAV.

In: a camera's section of the configuration. Out: values, handed to callables. Deciding what a picture
shows, and keeping it, is left to others.
"""
