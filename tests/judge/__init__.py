"""Tests of the judge, on traces made by hand."""
