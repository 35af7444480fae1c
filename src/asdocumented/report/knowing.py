"""Write what is known of a target's failures into the records of a report, and read it back to judge them again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from asdocumented.excuses import Excuses
from asdocumented.known import KnownDeviation, Terms

__all__ = ["deviation_record", "known_records", "marked", "terms_from", "terms_record"]


def deviation_record(deviation: KnownDeviation) -> dict[str, Any]:
    """Return a known deviation as JSON, without what it does not say."""
    record: dict[str, Any] = {
        "requirement": deviation.requirement,
        "observed": deviation.observed,
        "reason": deviation.reason,
        "expires": deviation.expires.isoformat(),
    }
    said = {"reading": deviation.reading, "reference": deviation.reference, "hosts": list(deviation.hosts)}
    return record | {key: value for key, value in said.items() if value}


def terms_record(terms: Terms | None) -> dict[str, Any]:
    """Return what a header says of the terms; nothing where there is nothing to go by."""
    if terms is None or not (terms.deviations or terms.accept):
        return {}
    deviations = [deviation_record(each) for each in terms.deviations]
    return {"known": {"today": terms.today.isoformat(), "accepted": terms.accept, "deviations": deviations}}


def terms_from(header: Mapping[str, Any]) -> Terms | None:
    """Return the terms that a header tells of; the day is that of the run, so that judging it again gives the same."""
    said = header.get("known")
    if said is None:
        return None
    deviations = (
        {**each, "expires": date.fromisoformat(each["expires"]), "hosts": tuple(each.get("hosts", ()))}
        for each in said["deviations"]
    )
    return Terms(
        tuple(KnownDeviation(**each) for each in deviations), date.fromisoformat(said["today"]), said["accepted"]
    )


def known_records(excuses: Excuses) -> Iterator[dict[str, Any]]:
    """Yield a record for each known deviation with what the run says about it."""
    for each in excuses.seen:
        record = {"kind": "known-deviation", **deviation_record(each.deviation), "state": str(each.state)}
        yield {**record, "remove": each.is_stale, "requirements": list(each.requirements[:10]), "text": each.sentence}


def marked(deviations: Iterable[KnownDeviation], *, accepted: bool) -> dict[str, Any]:
    """Return what the record of a failed requirement says where the failure is known."""
    found = list(deviations)
    if not found:
        return {}
    return {
        "known": {
            "reason": "; ".join(dict.fromkeys(each.reason for each in found)),
            "expires": min(each.expires for each in found).isoformat(),
            "accepted": accepted,
        }
    }
