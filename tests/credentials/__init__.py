"""Tests of how credentials are had, sent and renewed."""
