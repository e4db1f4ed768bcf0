"""Tests of the rules: scripted tracks in, tables of events out."""
