"""Execute a plan on a target: arrange, send, follow what depends on an answer, and record every event."""

from asdocumented.executing.executor import Executor
from asdocumented.executing.recording import Event, Execution

__all__ = ["Event", "Execution", "Executor"]
