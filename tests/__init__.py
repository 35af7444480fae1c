"""Tests of the harness itself; they mirror `src/asdocumented`."""
