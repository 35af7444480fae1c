"""Tests of sweeps: what they choose, judge, count, write and show."""
