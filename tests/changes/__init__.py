"""Tests of what a run changes on a target, and of how that is undone."""
