"""`page`: a long list comes in pages, linked by a continuation header; together they are the whole list, once.

A walk proves that nothing is lost only against items that are known to exist: those of an arranged state, or those that
this run wrote. Where pages do not fit together they are read again: a list that changed meanwhile proves nothing, and one that
shows the same twice is what it is. Nor is an item lost that somebody removed, as a read of it alone tells. How the last
page ends and what a count counts are readings of the register where the page is silent.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from asdocumented.behaviours.vocabulary import following, semantic
from asdocumented.contracts.model import JSON, Api, BehaviourDeclaration, Operation
from asdocumented.mutant import Line, Mutant, Variant
from asdocumented.planning.context import Context
from asdocumented.plans import Call, Fill, Scenario, Step, UnplannableError
from asdocumented.reads.brackets import is_beside, still_there
from asdocumented.reads.case import Case, field_of
from asdocumented.reads.classify import Read, at
from asdocumented.reads.marks import CHANGED, Mark, Seen, blocked, broken, met, without_luck
from asdocumented.reads.stored import stored_before
from asdocumented.reads.walks import Walk, continuation, continuation_names, filters, walks
from asdocumented.requirement import Requirement, accepted

_ADVANCES, _NO_REPEAT, _NO_LOSS, _ENDS, _COUNT = (
    "page/advances",
    "page/no-repeat",
    "page/no-loss",
    "page/ends",
    "page/count",
)
_ALL = 10_000  # items, more than any list of the emulator has
_FILL = 24  # writes at most to make a list longer than one page where no state can be arranged


def requirements(api: Api, operation: Operation, declaration: BehaviourDeclaration) -> Iterator[Requirement]:
    """Yield what a walk over the pages must show."""
    header = declaration.parameters["request"].removeprefix("header ")
    texts = {
        _ADVANCES: f"A request with {header} gets the page after the one that named it.",
        _NO_REPEAT: "No item is on two pages of one walk.",
        _NO_LOSS: "Every item that exists is on one page of a walk.",
        _ENDS: "A walk ends: the last page names no continuation.",
    }
    if "count" in declaration.parameters:
        texts[_COUNT] = f"{declaration.parameters['count']} is the number of items of the page or of all pages."
    for what, text in texts.items():
        yield semantic(operation, declaration, what, text)


def plan(context: Context, operation: Operation, declaration: BehaviourDeclaration) -> Iterator[Scenario]:
    """Yield a walk over a list that is longer than a page: arranged, or filled by writes until it is."""
    call = context.valid(operation)
    pages = context.pages(operation)
    walk = Step(call, "a walk over all pages", context.tier(call), again=True, follow=pages)
    steps = [walk]
    writes = _writes(context, declaration) if context.keeps_changes else ()
    if writes:
        filling = Step(
            call,
            "a list, written to until it has two pages",
            writes[0].operation.tier,
            again=True,
            follow=Fill(pages.response if pages else "", writes),
        )
        steps.insert(0, filling)
    serves = tuple(each.id for each in requirements(context.api, operation, declaration))
    state = "" if context.keeps_changes else declaration.parameters["state"]
    yield Scenario(f"{operation.name}/pages", operation.api, tuple(steps), state=state, serves=serves)


def _writes(context: Context, declaration: BehaviourDeclaration) -> tuple[Call, ...]:
    name = declaration.parameters.get("write", "")
    if not context.has(name):
        return ()
    calls: list[Call] = []
    try:
        while len(calls) < _FILL:
            calls.append(context.valid(context.api.operations[name]))
    except UnplannableError:
        pass  # the pools hold fewer combinations: what there is must do
    return tuple(calls)


def judge(case: Case, operation: Operation, declaration: BehaviourDeclaration) -> Iterator[Mark | Seen]:
    """Look at every walk over the whole list, and at the count of every page."""
    for read in case.of(operation.name):
        if read.succeeded and not read.causes and not case.blocker(read):
            yield from _last(operation, declaration, read)
    found = list(walks(case, operation))
    yield from without_luck(_judged(case, operation, declaration, found))


def _judged(
    case: Case, operation: Operation, declaration: BehaviourDeclaration, found: list[Walk]
) -> Iterator[Mark | Seen]:
    for place, walk in enumerate(found):
        unsound = next((page for page in walk.pages if case.blocker(page)), None)
        if unsound is not None:
            for each in requirements(case.api, operation, declaration):
                yield blocked(each.id, unsound.id, blocker=case.blocker(unsound))
        elif case.sound(walk.pages[-1]):
            marks = [*_walk(case, operation, declaration, walk), *_counts(case, operation, declaration, walk)]
            beside = [*found[max(0, place - 1) : place], *found[place + 1 : place + 2]]
            yield from _bracketed(case, operation, declaration, marks, walk, beside)


_MOVING = (_NO_REPEAT, _NO_LOSS, _COUNT)  # what another client breaks who changes the list between two pages


def _bracketed(
    case: Case,
    operation: Operation,
    declaration: BehaviourDeclaration,
    marks: list[Mark | Seen],
    walk: Walk,
    beside: list[Walk],
) -> Iterator[Mark | Seen]:
    """Yield marks; a finding that a change of the list explains stands only when a walk right before or after shows the same."""
    others = [each for each in beside if is_beside(case, walk, each)]
    same = [each for each in others if _shown(declaration, each) == _shown(declaration, walk)]
    moving = [f"{operation.id}/{each}" for each in _MOVING]
    for mark in marks:
        if isinstance(mark, Mark) and mark.finding is not None and mark.requirement in moving and others and not same:
            if not any(_lagged(case, declaration, walk, each) for each in others):
                yield blocked(mark.requirement, *mark.exchanges, reason=f"{CHANGED} its pages were read")
        else:
            yield mark


def _shown(declaration: BehaviourDeclaration, walk: Walk) -> list[tuple[list[str], JSON]]:
    given = declaration.parameters
    return walk.shows(given["items"], given["id"], given.get("count", ""))


def _lagged(case: Case, declaration: BehaviourDeclaration, walk: Walk, later: Walk) -> bool:
    """Tell whether a later walk shows what this one does and, beyond it, only what this run had written by then."""
    if later.pages[0].id < walk.pages[-1].id or "write" not in declaration.parameters:
        return False
    before, after = ({each for ids, _ in _shown(declaration, one) for each in ids} for one in (walk, later))
    written = stored_before(case, case.api.operations[declaration.parameters["write"]], walk.pages[0])
    return before < after and after - before <= written.keys()


def _walk(case: Case, operation: Operation, declaration: BehaviourDeclaration, walk: Walk) -> Iterator[Mark]:
    pages = [
        [str(at(item, declaration.parameters["id"])) for item in field_of(page, declaration.parameters["items"]) or []]
        for page in walk.pages
    ]
    ids = [identifier for page in pages for identifier in page]
    if "None" in ids:
        for what in (_ADVANCES, _NO_REPEAT, _NO_LOSS):
            yield case.unusable(f"{operation.id}/{what}", walk.pages[-1], declaration.parameters["id"])
        return
    stuck = next((index for index in range(1, len(pages)) if pages[index] and pages[index] == pages[index - 1]), None)
    advances = f"{operation.id}/{_ADVANCES}"
    if stuck is not None:
        page = walk.pages[stuck]
        yield broken(
            advances,
            page.id,
            walk.pages[stuck - 1].id,
            expected="the next page",
            got="the same page again",
            where="$" + declaration.parameters["items"].replace("/", "."),
        )
        for what in (_NO_REPEAT, _NO_LOSS, _ENDS):
            yield blocked(f"{operation.id}/{what}", page.id, blocker=advances)
        return
    if len(pages) > 1:
        yield met(advances, *walk.ids)
        yield from _once(operation, walk, ids)
    yield from _whole(case, operation, declaration, walk, ids)
    yield from _ends(operation, declaration, walk)


def _once(operation: Operation, walk: Walk, ids: list[str]) -> Iterator[Mark]:
    requirement = f"{operation.id}/{_NO_REPEAT}"
    repeated = [identifier for identifier, times in Counter(each.casefold() for each in ids).items() if times > 1]
    if repeated:
        yield broken(
            requirement,
            *walk.ids,
            expected="each item once in a walk",
            got=f"{repeated[0]} twice ({len(repeated)} repeated of {len(ids)})",
            where=f"{len(walk.pages)} pages",
        )
    else:
        yield met(requirement, *walk.ids)


def _whole(
    case: Case, operation: Operation, declaration: BehaviourDeclaration, walk: Walk, ids: list[str]
) -> Iterator[Mark]:
    requirement = f"{operation.id}/{_NO_LOSS}"
    if not walk.complete:
        return
    known = {} if filters(walk.pages[0]) else _known(case, declaration, walk)
    listed = {identifier.casefold() for identifier in ids}
    lost = [identifier for key, identifier in known.items() if key not in listed]
    there = _there(case, declaration, walk, lost)
    if False in there.values():
        lost = [each for each in lost if there[each]]
        if not lost:
            yield blocked(requirement, walk.pages[-1].id, reason=f"{CHANGED} its pages were read")
            return
    if lost:
        got = f"{len(ids)} items without {lost[0]} ({len(lost)} lost of {len(known)} known)"
        where = f"{len(walk.pages)} pages" if len(walk.pages) > 1 else "one page, without a continuation"
        yield broken(requirement, *walk.ids, expected="every item that exists", got=got, where=where)
    elif len(known) >= 2:
        yield met(requirement, *walk.ids)
    elif len(walk.pages) > 1:
        yield blocked(requirement, walk.pages[-1].id, reason="no items are known to hold the pages against")


def _there(case: Case, declaration: BehaviourDeclaration, walk: Walk, lost: list[str]) -> dict[str, bool | None]:
    """Return whether items that are on no page are there all the same, as far as reads of them alone tell."""
    write = case.api.operations.get(declaration.parameters.get("write", ""))
    return {each: still_there(case, write, walk, each) if write else None for each in lost}


def _known(case: Case, declaration: BehaviourDeclaration, walk: Walk) -> dict[str, str]:
    """Return what must be on the pages: what a state left and, over many pages, what was written before the walk.

    What was written and is not on a single page is for `read-after-write` to judge.
    """
    first = walk.pages[0]
    known = {identifier.casefold(): identifier for identifier in case.arranged_ids(first)}
    if "write" in declaration.parameters and len(walk.pages) > 1:
        write = case.api.operations[declaration.parameters["write"]]
        known |= {key: key for key in stored_before(case, write, first)}
    return known


def _ends(operation: Operation, declaration: BehaviourDeclaration, walk: Walk) -> Iterator[Mark]:
    requirement = f"{operation.id}/{_ENDS}"
    names = continuation_names(operation)
    tokens = [continuation(page, names[1]) for page in walk.pages] if names else []
    again = next((token for token, times in Counter(token for token in tokens if token).items() if times > 1), None)
    empty = not walk.complete and len(walk.pages) > 1 and not field_of(walk.pages[-1], declaration.parameters["items"])
    if again is not None:
        yield broken(
            requirement,
            *walk.ids,
            expected="an end",
            got="a continuation that was given before",
            where=f"header {names[1] if names else ''}",
        )
    elif walk.complete and len(walk.pages) > 1:
        yield met(requirement, *walk.ids)
    elif empty:
        yield broken(
            requirement,
            *walk.ids,
            expected="no continuation after the last item",
            got="one more, and a page without items",
            where=f"header {names[1] if names else ''}",
        )


def _last(operation: Operation, declaration: BehaviourDeclaration, read: Read) -> Iterator[Seen]:
    names = continuation_names(operation)
    if names and "last" in declaration.parameters and not continuation(read, names[1]):
        present = read.exchange.response is not None and read.exchange.response.header(names[1]) is not None
        yield Seen(
            operation.id, declaration.parameters["last"], "header-empty" if present else "header-absent", read.id
        )


def _counts(case: Case, operation: Operation, declaration: BehaviourDeclaration, walk: Walk) -> Iterator[Mark | Seen]:
    if "count" not in declaration.parameters:
        return
    requirement = f"{operation.id}/{_COUNT}"
    sizes = [len(field_of(page, declaration.parameters["items"]) or []) for page in walk.pages]
    for page, size in zip(walk.pages, sizes, strict=True):
        got = field_of(page, declaration.parameters["count"])
        if not isinstance(got, int) or isinstance(got, bool):
            yield case.unusable(requirement, page, declaration.parameters["count"])
        elif got == size or (got == sum(sizes) and walk.complete):
            yield met(requirement, page.id)
            if len(sizes) > 1 and size != sum(sizes) and "counts" in declaration.parameters:
                reading = "items-of-this-page" if got == size else "items-of-all-pages"
                yield Seen(operation.id, declaration.parameters["counts"], reading, page.id)
        elif walk.complete:
            yield broken(
                requirement,
                page.id,
                expected=f"{size} (items of the page) or {sum(sizes)} (of all pages)",
                got=str(got),
                where="$" + declaration.parameters["count"].replace("/", "."),
            )
        else:
            yield blocked(requirement, page.id, reason="the walk was not read to its end, so the total is unknown")


def mutants(api: Api, operation: Operation, declaration: BehaviourDeclaration) -> Iterator[Mutant]:
    """Yield the ways in which pages go wrong."""
    ways: tuple[tuple[str, str, Mapping[str, JSON]], ...] = (
        ("page.item-lost", _NO_LOSS, {}),
        *(("page.item-lost", _NO_LOSS, {"at": place}) for place in ("start", "middle", "end")),
        ("page.item-repeated", _NO_REPEAT, {}),
        ("page.repeated", _ADVANCES, {}),
        ("page.token-ignored", _ADVANCES, {}),
        ("page.token-on-last", _ENDS, {}),
        ("page.endless", _ENDS, {}),
        *(("page.count-wrong", _COUNT, arguments) for arguments in ({}, {"by": -1})),
    )
    for switch, what, arguments in ways:
        if what != _COUNT or "count" in declaration.parameters:
            yield Mutant(switch, operation.id, f"{operation.id}/{what}", arguments)
    header = declaration.parameters["response"].removeprefix("header ")
    yield Mutant("response.header", operation.id, f"{operation.id}/{_NO_LOSS}", {"name": header, "value": None})


def variants(api: Api, operation: Operation, declaration: BehaviourDeclaration) -> Iterator[Variant]:
    """Yield pages of other sizes and in another order, and the readings of how the last one ends and what a count counts."""
    silent = "nothing says how many items a page holds, nor in which order they come"
    for size in (1, 7):
        yield Variant(f"page-size/{size}", operation.id, (Line("page.size", operation.id, {"size": size}),), silent)
    line = Line("page.size", operation.id, {"size": _ALL})
    header = accepted("header", declaration.parameters["request"].removeprefix("header "))
    hidden = tuple(f"{operation.id}/{each}" for each in (_ADVANCES, _NO_REPEAT, _ENDS, header))
    yield Variant("page-size/all", operation.id, (line,), silent, hides=hidden)
    yield Variant("page-order", operation.id, (Line("page.backwards", operation.id),), silent)
    for key, reading, switch in (
        ("last", "header-empty", "page.last-empty"),
        ("counts", "items-of-all-pages", "page.count-all"),
    ):
        entry = declaration.parameters.get(key, "")
        yield from following(api, operation, entry, reading, Line(switch, operation.id))
