"""Tests of agent/contract."""
