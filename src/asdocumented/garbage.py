"""Keep Python from looking for garbage where there is none, which takes longer than what it interrupts."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Keep Python from looking for garbage: what is made stays, and would be gone through again and again as it grows."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@contextmanager
def set_aside() -> Iterator[None]:
    """Keep Python from looking for garbage in what there is now; what is made meanwhile is looked through as ever.

    Contracts, requirements and a plan stay for the whole run. To go through them once takes as long as a few answers of a server
    that is near, and every request under way waits meanwhile.
    """
    own = gc.get_freeze_count() == 0  # else whoever froze first says when it ends
    gc.freeze()
    try:
        yield
    finally:
        if own:
            gc.unfreeze()
