"""Tests of the contracts: reading, checking, loading, matching, building."""
