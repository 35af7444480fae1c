"""What goes in and out of the operations, as plain data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

__all__ = ["Answer", "Refused", "Request"]


@dataclass(frozen=True)
class Request:
    """One request as it came in; header names are in lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def path(self) -> str:
        """Give the path as it was sent, without the query."""
        return self.target.partition("?")[0]

    def values(self, name: str) -> list[str]:
        """List the decoded values of one query parameter, in the order sent."""
        pairs = [pair.partition("=") for pair in self.target.partition("?")[2].split("&")]
        decoded = [(unquote(key), unquote(value.replace("+", " "))) for key, _, value in pairs]
        return [value for key, value in decoded if key == name]


@dataclass(frozen=True)
class Answer:
    """What an operation answers; no body means an empty one without a media type."""

    status: int = 200
    body: dict[str, object] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: bytes = b""  # a message/http body, in place of JSON

    @property
    def is_grant(self) -> bool:
        """Tell whether the body is a role assignment or a page of them."""
        return self.is_list or (self.body is not None and "roleDefinitionId" in self.body)

    @property
    def is_list(self) -> bool:
        """Tell whether the body is a page of role assignments."""
        return self.body is not None and "count" in self.body


class Refused(Exception):  # noqa: N818 - it names what happens to the request, and is no fault of the server
    """A request that is answered with an error of the API that owns its path."""

    def __init__(
        self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None, *, html: bool = False
    ) -> None:
        """Keep the status, the error code, the sentence for the reader, headers to add, and whether it is a page."""
        super().__init__(message)
        self.html = html
        self.status, self.code, self.message, self.headers = status, code, message, dict(headers or {})
