"""Run the suite against every broken and every permitted emulator, and say what it caught and what it left alone."""

from asdocumented.sweeping.sweep import Plea, Sweep, sweep

__all__ = ["Plea", "Sweep", "sweep"]
