"""Tests of agent/spool."""
