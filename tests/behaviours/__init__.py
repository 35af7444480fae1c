"""Tests of the vocabulary of behaviours, one module each."""
