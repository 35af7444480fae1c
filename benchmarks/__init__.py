"""Measure the harness beside named alternatives: `python -m benchmarks` writes `benchmarks/RESULTS.md`."""
