"""Turn the verdict on a requirement into the outcome of a pytest item, with what Allure and JUnit show of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import allure
import pytest

from asdocumented.contracts.grounds import Level
from asdocumented.excuses import until
from asdocumented.report.curl import curl_line
from asdocumented.requirement import Requirement
from asdocumented.traces import Exchange
from asdocumented.verdicts import Result, Verdict

if TYPE_CHECKING:
    from asdocumented.plugin import Conformance

_SEVERITY = {
    Level.MUST: allure.severity_level.CRITICAL,
    Level.SHOULD: allure.severity_level.NORMAL,
    Level.MAY: allure.severity_level.MINOR,
}


def report_outcome(
    conformance: Conformance, requirement: Requirement, record_property: Callable[[str, object], None]
) -> None:
    """End the calling item as the verdict says: return, fail, expected failure or skip."""
    result = conformance.result(requirement)
    verdict = result.verdict(conformance.profile)
    record_property("verdict", str(verdict))
    record_property("level", str(requirement.level))
    record_property("evidence", str(requirement.basis.evidence))
    _labels(conformance, requirement)
    _attachments(conformance, result)
    if verdict is Verdict.PASS:
        return
    if verdict in (Verdict.FAIL, Verdict.ERROR):
        text = explain(conformance, result)
        if requirement.id in conformance.excuses.accepted:
            pytest.xfail(text)
        if requirement.level is Level.MUST and result.counts_in(conformance.profile):
            pytest.fail(text, pytrace=False)
        why = "a SHOULD" if requirement.level is not Level.MUST else f"not counted in the profile {conformance.profile}"
        pytest.xfail(f"{why}: {text}")
    pytest.skip(f"{verdict}: {result.reason}")


def explain(conformance: Conformance, result: Result) -> str:
    """Return what failed as text: the requirement, each finding, the row of the page, a curl line."""
    requirement = result.requirement
    operation = conformance.catalogue.operation(f"{requirement.api}/{requirement.operation}")
    known = conformance.excuses.covered.get(requirement.id)
    lines = [until(known)] if known else []
    lines += [f"{requirement.id} [{requirement.level}]", requirement.text]
    lines += [
        f"expected {mark.finding.expected}, got {mark.finding.got} at {mark.finding.where}"
        for mark in conformance.excuses.leading(result)[:3]
        if mark.finding is not None
    ]
    numbers = ", ".join(f"{first}-{last}" if last > first else str(first) for first, last in requirement.basis.lines)
    where = [
        operation.source.page,
        requirement.basis.place,
        f"lines {numbers}" if numbers else "",
        requirement.basis.reference,
    ]
    lines.append("; ".join(part for part in where if part))
    exchange = _exchange(conformance, result)
    if exchange is not None:
        lines.append(curl_line(exchange, conformance.target.curl_credential))
    return "\n".join(lines)


def _exchange(conformance: Conformance, result: Result) -> Exchange | None:
    """Return the exchange to show: that of the first finding, else one that bore on the requirement."""
    number = result.findings[0].exchanges[0] if result.findings and result.findings[0].exchanges else None
    number = number if number is not None else next(iter(result.bearing), None)
    return next((each for each in conformance.run.execution.trace.exchanges if each.id == number), None)


def _labels(conformance: Conformance, requirement: Requirement) -> None:
    allure.dynamic.epic(conformance.catalogue.apis[requirement.api].title)
    allure.dynamic.feature(requirement.operation)
    allure.dynamic.story(requirement.what)
    allure.dynamic.title(requirement.text)
    allure.dynamic.severity(_SEVERITY[requirement.level])
    allure.dynamic.label("evidence", str(requirement.basis.evidence))


def _attachments(conformance: Conformance, result: Result) -> None:
    exchange = _exchange(conformance, result)
    if exchange is None:
        return
    allure.attach(
        curl_line(exchange, conformance.target.curl_credential),
        name="curl",
        attachment_type=allure.attachment_type.TEXT,
    )
    allure.attach(request_text(exchange), name="request", attachment_type=allure.attachment_type.TEXT)
    if exchange.response is not None:
        allure.attach(response_text(exchange), name="response", attachment_type=allure.attachment_type.TEXT)


def request_text(exchange: Exchange) -> str:
    """Return a recorded request as text."""
    request = exchange.request
    head = [f"{request.method} {request.target}", *(f"{name}: {value}" for name, value in request.headers)]
    return "\n".join([*head, "", request.body.decode("utf-8", errors="replace")])


def response_text(exchange: Exchange) -> str:
    """Return a recorded response as text; empty without one."""
    response = exchange.response
    if response is None:
        return ""
    head = [str(response.status), *(f"{name}: {value}" for name, value in response.headers)]
    return "\n".join([*head, "", response.body.decode("utf-8", errors="replace")])
