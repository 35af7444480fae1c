"""Tests of generated cases: how they are kept, replayed and explored."""
