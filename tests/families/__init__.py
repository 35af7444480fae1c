"""Tests of the families of conventions."""
