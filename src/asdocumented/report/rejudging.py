"""Judge a recorded run again: from the record to the record that the judge would write now."""

from __future__ import annotations

from asdocumented.contracts import load_catalogue
from asdocumented.contracts.model import Catalogue
from asdocumented.errors import UnreachableError
from asdocumented.excuses import assess
from asdocumented.report.catching import mutation_of
from asdocumented.report.knowing import terms_from
from asdocumented.report.records import (
    Record,
    credential_from,
    footer_record,
    gap_from_record,
    gap_record,
    judgement_records,
    selection_from,
)
from asdocumented.report.stream import Recorded
from asdocumented.requirements import derive
from asdocumented.running import judge_trace
from asdocumented.selection import select_operations, select_requirements
from asdocumented.verdicts import ended_early, exit_code

_KEPT = ("header", "facts", "exchange", "arrangement", "housekeeping", "leftover")


def rejudged(recorded: Recorded, catalogue: Catalogue | None = None) -> Recorded:
    """Return the same run with the verdicts that its recorded exchanges get now.

    The record of a run that was cut short stays incomplete: it gets verdicts, but no footer.
    """
    catalogue = catalogue or load_catalogue()
    selection = selection_from(recorded.header)
    in_scope = frozenset(recorded.header["selection"]["inScope"])
    operations = select_operations(catalogue, selection) & in_scope
    requirements = select_requirements(derive(catalogue, strict_fields=selection.strict_fields), selection, operations)
    gaps = [gap_from_record(each) for each in recorded.of("gap")]
    trace = recorded.trace
    judgement, results = judge_trace(catalogue, requirements, trace, gaps)
    profile = recorded.header["profile"]
    interrupted = recorded.records[-1].get("interrupted", "") if recorded.complete else "the run was cut short"
    excuses = assess(catalogue, results, profile, terms_from(recorded.header), gaps, interrupted=bool(interrupted))
    kept = [each for each in recorded.records if each["kind"] in _KEPT]
    judged = judgement_records(
        catalogue,
        results,
        judgement,
        trace,
        profile,
        credential_from(recorded.header),
        excuses,
    )
    records: list[Record] = [*kept, *(gap_record(gap) for gap in gaps), *judged]
    if recorded.complete:
        code = exit_code(
            results.values(),
            profile,
            fail_on=recorded.header["failOn"],
            accepted=excuses.accepted,
            stale=bool(excuses.stale),
        )
        was = recorded.records[-1]["exitCode"]
        code = (
            was
            if was == UnreachableError.exit_code
            else ended_early(code)
            if interrupted or recorded.of("leftover")
            else code
        )
        count = len(trace.exchanges)
        footer = footer_record(results.values(), profile, code, interrupted, count, narrow=selection.is_narrow)
        records.append(footer | mutation_of(records))
    return Recorded(recorded.path, recorded.header, tuple(records), recorded.complete)
