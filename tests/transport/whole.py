"""Whole runs of `asdoc` in a process of their own, against the independent server with something standing in front of it."""

from __future__ import annotations

import json
import random
import ssl
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import trustme

from tests.independent.server import Asked, InFront, running
from tests.support import targets_file, tokens_in
from tests.transport.fast import fast
from tests.transport.hostile import said

PAGE = b"<html><h1>Come back later</h1></html>"
LIST = "azure-synapse-access-control/list-role-assignments"


def page(status: int, **headers: str) -> bytes:
    """Return the page of a gateway, after which it closes the connection."""
    return said(status, PAGE, content_type="text/html", connection="close", **headers)


_ONCE = "Wed, 21 Oct 2026 07:28:00 GMT"
_KINDS: Mapping[str, Sequence[bytes]] = {
    "busy": [page(429, retry_after="7")],
    "busy until": [page(429, retry_after="Wed, 21 Oct 2026 07:28:09 GMT", date=_ONCE)],
    "unavailable": [page(503, retry_after="3")],
    "gateway": [page(502)],
    "no gateway": [page(503)],
    "dropped": [],
    "answer lost": [],
}


class Trouble:
    """Stands in front and troubles some requests by a seeded schedule; what was troubled passes when it comes again."""

    def __init__(self, seed: str, share: float = 0.15) -> None:
        self._random = random.Random(seed)
        self._share = share
        self._last: dict[tuple[str, str], str] = {}
        self._lost: set[int] = set()
        self._lock = threading.Lock()
        self.counts: Counter[str] = Counter()

    def __call__(self, asked: Asked) -> Iterable[bytes | float] | None:
        """Say what a request gets instead of its answer."""
        with self._lock:
            if asked.done:
                return [] if asked.number in self._lost else None
            before = self._last.pop((asked.method, asked.target), "")
            if before or self._random.random() > self._share:
                return None
            kind = self._last[asked.method, asked.target] = self._random.choice(list(_KINDS))
            self.counts[kind] += 1
            if kind == "answer lost":
                self._lost.add(asked.number)
                return None
            return _KINDS[kind]


@dataclass(frozen=True)
class Done:
    """A run that is over: how it ended, what it wrote, and what the server saw."""

    code: int
    stderr: str
    folder: Path
    records: Sequence[Mapping[str, Any]]
    asked: int

    @property
    def requirements(self) -> Mapping[str, Mapping[str, Any]]:
        """Return what the report says of each requirement."""
        return {each["id"]: each for each in self.records if each["kind"] == "requirement"}

    @property
    def exchanges(self) -> Sequence[Mapping[str, Any]]:
        """Return the recorded exchanges."""
        return [each for each in self.records if each["kind"] == "exchange"]

    @property
    def failing(self) -> list[str]:
        """Return what fails or is in error, in whatever profile."""
        return [key for key, each in self.requirements.items() if {"fail", "error"} & set(each["profiles"].values())]

    def texts(self) -> str:
        """Return everything that the run wrote."""
        files = (each for each in self.folder.rglob("*") if each.is_file() and each.suffix != ".pem")
        return "\n".join([self.stderr, *(each.read_text("utf-8", "replace") for each in files)])


def whole(
    folder: Path,
    in_front: InFront | None = None,
    *words: str,
    target: Sequence[str] = (),
    api: Sequence[str] = (),
    base_url: str = "",
    deviations: Sequence[str] = (),
    secured: ssl.SSLContext | None = None,
    env: Mapping[str, str] | None = None,
    told: Callable[[str], None] = lambda url: None,
) -> Done:
    """Run `asdoc` to its end; `target` and `api` are further lines of the file, for the target and for each API.

    `told` is told where the server is, before anything is sent.
    """
    folder.mkdir(exist_ok=True)
    counts: list[int] = []

    def counting(asked: Asked) -> Iterable[bytes | float] | None:
        counts.extend([] if asked.done else [asked.number])
        return in_front(asked) if in_front is not None else None

    with running(in_front=counting, secured=secured, deviations=deviations) as server:
        told(server.base_url)
        file = targets_file(server, folder / "targets.toml")
        lines: list[str] = []
        for line in file.read_text("utf-8").splitlines():
            is_url = line.startswith("base-url")
            lines += [f'base-url = "{base_url}"' if is_url and base_url else line]
            lines += [*api] if is_url else []
            lines += [*target] if line == "[targets.independent]" else []
        file.write_text("\n".join([*lines, ""]), "utf-8")
        command = ("run", "--target", "independent", "--allow", "disruptive", "--no-corpus", "--output", "out", *words)
        ended = fast(
            *command, cwd=folder, env={**tokens_in(server), "ASDOC_STATE": str(folder / "state"), **(env or {})}
        )
    report = folder / "out" / "report.jsonl"
    lines = report.read_text("utf-8").splitlines() if report.exists() else []
    return Done(ended.code, ended.stdout + ended.stderr, folder, [json.loads(each) for each in lines], len(counts))


class Authority:
    """A private authority, its certificate as a file, and a client's certificate that it signed."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self._own = trustme.CA()
        self.ca_file, self.client = folder / "ca.pem", folder / "client.pem"
        self._own.cert_pem.write_to_path(str(self.ca_file))
        signed = self._own.issue_cert("client@example.org")
        signed.private_key_and_cert_chain_pem.write_to_path(str(self.client))

    def secure(self, name: str = "127.0.0.1", *, asks: bool = False) -> ssl.SSLContext:
        """Return what a server with a certificate for a name is secured with; it may ask for a client's."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._own.issue_cert(name).configure_cert(context)
        if asks:
            self._own.configure_trust(context)
            context.verify_mode = ssl.CERT_REQUIRED
        return context
