"""What arranges a state outside the API: a command or an HTTP call of the user's. Nothing that either gives back is kept."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import ssl
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import httpx

from asdocumented.credentials.reading import SecretError, read
from asdocumented.errors import UsageError
from asdocumented.targets.description import ApiDescription, ByCommand, ByHttp, Limits, Secret, Way
from asdocumented.targets.model import UnavailableError
from asdocumented.transport.attempting import attempt
from asdocumented.transport.tls import route_to

__all__ = ["SECRET", "Outside"]


SECRET = "«secret:/states»"  # noqa: S105 - it stands for one
"""What stands in every record for a secret of a call's headers."""


@dataclass(frozen=True, slots=True)
class Outside:
    """Runs commands and sends HTTP calls; `read` returns a secret that is referred to. `known` are those read so far."""

    read: Callable[[Secret], str]
    known: set[str] = field(default_factory=set, repr=False)
    _tried: set[Secret] = field(default_factory=set, repr=False)

    def learn(self, ways: Iterable[Way | None]) -> None:
        """Read what the headers of calls refer to, each once; what cannot be read is told when it is needed."""
        wanted = {
            one for way in ways if isinstance(way, ByHttp) for one in way.headers.values() if not isinstance(one, str)
        }
        for each in wanted - self._tried:
            self._tried.add(each)
            with contextlib.suppress(UnavailableError):
                self._known(each)

    def _known(self, secret: Secret) -> str:
        value = self.read(secret)
        self.known.add(value)
        return value

    async def run(self, way: ByCommand | ByHttp, about: Mapping[str, str], api: ApiDescription) -> None:
        """Do what the user's file says for an API; a command finds `about` in its environment.

        Raises UnavailableError with the reason when it fails; nothing that it printed or was answered is in it.
        """
        if isinstance(way, ByCommand):
            await _command(way, about)
        else:
            await self._call(way, about["ASDOC_API"], api)

    async def _call(self, way: ByHttp, name: str, api: ApiDescription) -> None:
        try:
            route = route_to(way.url, name, api)
        except UsageError as error:
            raise UnavailableError(f"its HTTP call cannot be made: {error.message}") from None
        headers = {name: each if isinstance(each, str) else self._known(each) for name, each in way.headers.items()}
        named = {"sni_hostname": route.server_name} if route.server_name else {}
        async with httpx.AsyncClient(
            verify=route.tls or True,
            proxy=route.proxy or None,
            timeout=way.timeout,
            follow_redirects=False,
            trust_env=False,
        ) as client:
            try:
                request = client.build_request(
                    way.method, way.url, headers=headers, content=way.body or None, extensions=named
                )
            except (httpx.InvalidURL, ValueError) as error:  # a header's value may be what no header can carry
                raise UnavailableError(f"its HTTP call cannot be made: {type(error).__name__}") from None
            try:
                outcome = await attempt(client, request, Limits(), way.timeout)
            except (
                ssl.SSLError
            ):  # what a server refuses after the handshake (RFC 8446 4.4.2.4), httpx passes on as it is
                raise UnavailableError("its HTTP call failed: the server ended the TLS connection") from None
        if outcome.answer is None:
            raise UnavailableError(f"its HTTP call failed: {outcome.fault}")
        if not 200 <= outcome.answer.status < 300:
            raise UnavailableError(f"its HTTP call was answered {outcome.answer.status}")


async def _command(way: ByCommand, about: Mapping[str, str]) -> None:
    name = os.path.basename(way.command[0])  # noqa: PTH119 - a name that is looked for on the PATH is no path
    nothing = asyncio.subprocess.DEVNULL
    try:
        process = await asyncio.create_subprocess_exec(
            *way.command,
            stdin=nothing,
            stdout=nothing,
            stderr=nothing,
            cwd=way.folder,
            env={**os.environ, **about},
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        said = error.strerror if isinstance(error, OSError) else "its words cannot be passed on"
        raise UnavailableError(f"its command {name!r} cannot be started: {said}") from None
    try:
        code = await asyncio.wait_for(process.wait(), way.timeout)
    except TimeoutError:
        raise UnavailableError(f"its command {name!r} did not end within {way.timeout:g} s") from None
    finally:
        await _end(process)
    if code:
        raise UnavailableError(f"its command {name!r} ended with {code}")


async def _end(process: asyncio.subprocess.Process) -> None:
    """End a command that still goes on, with all that it started."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


def secret_of(secret: Secret) -> str:
    """Return a secret that is referred to; raises UnavailableError when it cannot be had."""
    try:
        return read(secret)
    except SecretError:
        raise UnavailableError("a secret that its headers refer to cannot be read") from None
