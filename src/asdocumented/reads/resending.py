"""Tell what it takes from an answer that the same request was sent before."""

from __future__ import annotations

from dataclasses import dataclass

from asdocumented.traces import Exchange, Request, Response

_SAFE = ("GET", "HEAD", "OPTIONS", "TRACE")
_MAYBE_DONE = (502, 504)  # what a gateway says when it does not know what became of a request
_PASSING = (401, 429, 503)  # what is over once a token is new or a target has time


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why an answer proves less than it would by itself: the same request was sent before and came to something else.

    With `about_findings` it breaks nothing either, since the request may have been carried out the first time.
    """

    reason: str
    about_findings: bool


def doubt_of(exchange: Exchange, before: list[Exchange]) -> Doubt | None:
    """Return what earlier sendings of the same request take from an answer.

    A gateway's error, a 429 or 503 and an expired token say nothing about the answer that came in the end. A connection that
    the server dropped, and a page that did not come again, do: who answers now and then is no pass.
    """
    alike = [each for each in before if _request_of(each) == _request_of(exchange)]
    lost = [each for each in alike if each.response is None]
    strange = [each for each in alike if each.response is not None and _is_another(each.response, exchange.response)]
    if exchange.request.method not in _SAFE and any(
        each.response is None or each.response.status in _MAYBE_DONE for each in alike
    ):
        return Doubt(
            "the request was sent more than once, and may have been carried out the first time", about_findings=True
        )
    dropped = [each for each in lost if not each.environmental]
    if dropped or strange:
        return Doubt(
            f"the same request had another outcome before: {(dropped or strange)[0].again}", about_findings=False
        )
    return None


def _is_another(first: Response, last: Response | None) -> bool:
    """Tell whether an answer that was not believed was indeed another than the one that came in the end."""
    return first.status not in (*_MAYBE_DONE, *_PASSING) and (last is None or first.status != last.status)


def _request_of(exchange: Exchange) -> tuple[str, Request]:
    """Return what makes a request the same, who calls included: a look of the preflight is no earlier try of a refusal."""
    return exchange.api, exchange.request
