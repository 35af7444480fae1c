"""Tests of the record of a run and of what is rendered from it."""
