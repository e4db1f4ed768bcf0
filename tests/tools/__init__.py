"""Tests of the tools for people at a desk."""
