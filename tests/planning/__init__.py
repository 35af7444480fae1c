"""Tests of plans: what would be sent, and what cannot be."""
