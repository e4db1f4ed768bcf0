"""Segments: written, found, cut, expired, recovered. Goals, invariants and recovery: docs/design/footage.md.

In: Packets and wanted ranges. Out: files on disk and Clips. Delivering clips is left to others.
"""
