"""An HTTP client without cookies."""

from __future__ import annotations

import httpx


class _NoCookies(httpx.Cookies):
    """No cookies. httpx would build two objects of urllib for each answer, only to find that none is to be kept."""

    def extract_cookies(self, response: httpx.Response) -> None:
        """Keep none."""


class PlainClient(httpx.AsyncClient):
    """A client that sends what it is given and keeps nothing of what comes back."""

    _none = _NoCookies()

    @property
    def cookies(self) -> httpx.Cookies:
        """Return none, whatever was received."""
        return self._none

    @cookies.setter
    def cookies(self, cookies: object) -> None:
        """Take none."""
