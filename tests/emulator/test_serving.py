"""The emulator as a server of its own: it says when it is ready, and ends when it is told to."""

from __future__ import annotations

import json
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from asdocumented.contracts import load_catalogue
from asdocumented.emulator.serving import serve
from asdocumented.emulator.tokens import sign
from asdocumented.errors import UsageError
from tests.emulator.client import ACCESS, VERSION

PROGRAM = "from asdocumented.emulator.serving import serve; serve(host='127.0.0.1', port=0, seed=5, strict=False)"

HOSTS = ("127.0.0.1", "localhost")


def test_server_announces_and_ends() -> None:
    """A server prints one line when it is ready, accepts tokens of its seed, and ends with 0 on SIGTERM."""
    command = [sys.executable, "-c", PROGRAM]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        ready = json.loads(process.stdout.readline() if process.stdout else "")
        token = sign(load_catalogue().apis[ACCESS], "admin", seed=5, now=time.time(), expires_in=60)
        url = f"{ready['apis'][ACCESS]}/roleAssignments?{VERSION}"
        with httpx.Client(trust_env=False) as client:
            listed = client.get(url, headers={"Authorization": f"Bearer {token}"})
            states = client.get(f"{ready['control']}/states")
        process.send_signal(signal.SIGTERM)
        rest, complaints = process.communicate(timeout=30)

    assert (200, 200) == (listed.status_code, states.status_code)
    assert 1 == len(listed.headers.get_list("date"))
    assert (True, process.pid, f"{ready['control']}/oauth2/v2.0/token") == (
        ready["ready"],
        ready["pid"],
        ready["token_endpoint"],
    )
    assert (0, "", "") == (process.returncode, rest, complaints)


TROUBLED = (
    "import sys, pathlib; from asdocumented.emulator.serving import serve; "
    "serve(host='127.0.0.1', port=0, seed=5, strict=False, state=pathlib.Path(sys.argv[1]))"
)


def served(state: Path, talk: Callable[[httpx.Client, str], Any]) -> tuple[Any, tuple[int, str, str]]:
    """Serve with a state file, talk, and end; return what was heard, the exit code and all that was printed at the end."""
    command = [sys.executable, "-c", TROUBLED, str(state)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        ready = json.loads(process.stdout.readline() if process.stdout else "")
        token = sign(load_catalogue().apis[ACCESS], "admin", seed=5, now=time.time(), expires_in=60)
        headers = {"Authorization": f"Bearer {token}"}
        with httpx.Client(trust_env=False, base_url=ready["apis"][ACCESS], headers=headers) as client:
            heard = talk(client, f"/roleAssignments?{VERSION}")
        process.send_signal(signal.SIGTERM)
        rest, complaints = process.communicate(timeout=30)
    return heard, (process.returncode, rest, complaints)


def test_server_keeps_state_and_breaks_connections(tmp_path: Path) -> None:
    """A server drops and truncates on demand without a word, and leaves a state from which the next one goes on."""
    state = tmp_path / "state.json"

    def trouble(client: httpx.Client, path: str) -> list[object]:
        heard: list[object] = []
        for name in ("connection.dropped", "connection.truncated"):
            client.post("/_emulator/switches", json={"name": name, "times": 1}).raise_for_status()
            with pytest.raises(httpx.RemoteProtocolError):
                client.get(path)
            heard.append(client.get(path).status_code)
        client.post("/_emulator/states", json={"api": ACCESS, "state": "two-pages"}).raise_for_status()
        return heard

    first, end = served(state, trouble)
    count, other_end = served(state, lambda client, path: client.get(path).json()["count"])

    assert ([200, 200], (0, "", "")) == (first, end)
    assert (50, (0, "", "")) == (count, other_end)
    assert [state] == list(tmp_path.iterdir())


def test_broken_state_is_told_first(tmp_path: Path) -> None:
    """A state file that is none is told before the server listens."""
    file = tmp_path / "state.json"
    file.write_text("{}", encoding="utf-8")
    with pytest.raises(UsageError, match="no state for this emulator"):
        serve(host="127.0.0.1", port=0, seed=0, strict=False, state=file)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
def test_tls_server_announces_and_ends(number: signal.Signals) -> None:
    """A server of TLS says what to trust and how, and leaves no key behind when a signal ends it."""
    program = PROGRAM.replace("strict=False", "strict=False, tls=Tls()")
    command = [sys.executable, "-c", f"from asdocumented.emulator.certificates import Tls; {program}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        ready = json.loads(process.stdout.readline() if process.stdout else "")
        trusted = ssl.create_default_context(cafile=ready["ca_file"])
        port = httpx.URL(ready["control"]).port
        with httpx.Client(trust_env=False, verify=trusted) as client:
            statuses = [client.get(f"https://{host}:{port}/_emulator/states").status_code for host in HOSTS]
        process.send_signal(number)
        rest, complaints = process.communicate(timeout=30)

    assert [200, 200] == statuses
    assert "connection_verify" in ready["trust"]
    assert all(each.startswith("https://") for each in (*ready["apis"].values(), ready["token_endpoint"]))
    assert (0, "", "") == (process.returncode, rest, complaints)
    assert not Path(ready["ca_file"]).parent.exists()


def test_port_in_use_is_told() -> None:
    """A port that is in use is told in one sentence, before anything is printed."""
    with socket.create_server(("127.0.0.1", 0)) as other, pytest.raises(UsageError, match=r"cannot listen.*in use"):
        serve(host="127.0.0.1", port=other.getsockname()[1], seed=0, strict=False)


@pytest.mark.parametrize(("host", "port"), [("256.0.0.1", 0), ("127.0.0.1", 70_000)])
def test_wrong_address_is_told(host: str, port: int) -> None:
    """An address that there is not is told in the same way."""
    with pytest.raises(UsageError, match="cannot listen"):
        serve(host=host, port=port, seed=0, strict=False)
