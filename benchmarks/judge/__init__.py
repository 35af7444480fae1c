"""Measure how well the tests hold the judge: `python -m benchmarks.judge` writes `benchmarks/judge/RESULTS.md`."""
