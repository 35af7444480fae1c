"""The emulator of the documented APIs."""

from asdocumented.emulation.app import Emulator
from asdocumented.emulation.clocks import Clock, RealClock, SteppingClock

__all__ = ["Clock", "Emulator", "RealClock", "SteppingClock"]
