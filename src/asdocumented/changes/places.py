"""Where the state of a target is kept between runs, and who is at work on it: one run at a time."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from filelock import FileLock, Timeout
from platformdirs import user_state_path

from asdocumented.errors import UsageError

_CHANGES = "changes.jsonl"


def state_folder() -> Path:
    """Return the folder for what outlives a run: that of ASDOC_STATE, else the user's own for states."""
    given = os.environ.get("ASDOC_STATE")
    return Path(given) if given else user_state_path("asdocumented", appauthor=False)


def changes_file(urls: Iterable[str]) -> Path:
    """Return the journal of changes of a target, which its base URLs tell from all others."""
    known = sorted(set(map(plain_url, urls)))
    host = re.sub(r"[^A-Za-z0-9.-]+", "-", urlsplit(known[0]).netloc).strip("-")[:40]
    return state_folder() / "targets" / f"{host}-{_digest(' '.join(known))}" / _CHANGES


def changes_files() -> list[Path]:
    """Return every journal of changes that there is."""
    return sorted((state_folder() / "targets").glob(f"*/{_CHANGES}"))


@contextmanager
def alone_at(name: str, urls: Iterable[str]) -> Iterator[None]:
    """Hold the locks of a target while the block lasts, one for each server; the system frees those of a killed process.

    Raises UsageError that names who holds one.
    """
    folder = state_folder() / "locks"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with ExitStack() as held:
        for url in sorted(set(map(plain_url, urls))):
            held.enter_context(_held(folder / _digest(url), url, name))
        yield


@contextmanager
def _held(place: Path, url: str, name: str) -> Iterator[None]:
    lock = FileLock(place.with_suffix(".lock"), timeout=0, is_singleton=True)
    holder = place.with_suffix(".json")
    try:
        lock.acquire()
    except Timeout:
        raise UsageError(
            "target-busy",
            f"Another run is at work on {url}{_told(holder)}.",
            remedy="Wait until it has ended: two at a time would disturb each other.",
        ) from None
    try:
        if lock.lock_counter == 1:
            since = datetime.now(UTC).isoformat(timespec="seconds")
            with suppress(OSError):  # the lock holds without it
                holder.write_text(json.dumps({"pid": os.getpid(), "target": name, "since": since}), encoding="utf-8")
        yield
    finally:
        lock.release()


def _told(holder: Path) -> str:
    """Return what the holder of a lock wrote of itself; nothing where it has not done so yet."""
    try:
        told = json.loads(holder.read_text(encoding="utf-8"))
        return f": process {told['pid']}, on the target {told['target']!r}, since {told['since']}"
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def plain_url(url: str) -> str:
    """Return a base URL as it is compared: without a slash at its end, scheme and host in lower case."""
    parts = urlsplit(url)
    return f"{parts.scheme.lower()}://{parts.netloc.lower()}{parts.path.rstrip('/')}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
