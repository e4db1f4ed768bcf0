"""Proof of footage: the device key, the hash chain of segments, the manifest of a clip, and the check of both.

Files in, verdicts out. What the chain proves and what it does not: docs/design/evidence.md.
"""
