"""Tests of the look at a target before a run."""
