"""The emulator of the documented APIs: real paths, real refusals, and named deviations, from the same contracts."""

from asdocumented.emulator.clock import Clock, SteppingClock
from asdocumented.emulator.emulator import Emulator
from asdocumented.emulator.switches import KNOWN, Switch

__all__ = ["KNOWN", "Clock", "Emulator", "SteppingClock", "Switch"]
