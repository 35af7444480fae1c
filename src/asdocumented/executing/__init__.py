"""Execute a plan on a target: arrange, send, follow what depends on an answer, and record every event."""

from asdocumented.executing.executor import Executor
from asdocumented.executing.recording import Beside, Event, Execution

__all__ = ["Beside", "Event", "Execution", "Executor"]
