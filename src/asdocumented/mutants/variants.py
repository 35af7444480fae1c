"""Every permitted emulator of an operation: what its behaviours leave open, the readings, and what any server may do.

A reading that the emulator follows as it comes is no difference, and has no variant.
"""

from __future__ import annotations

from collections.abc import Iterator

from asdocumented.behaviours import Varying, behaviour
from asdocumented.contracts.model import Api, Operation
from asdocumented.emulator.handlers import reading
from asdocumented.mutant import Variant, reading_name
from asdocumented.mutants.permitted.bodies import body_variants
from asdocumented.mutants.permitted.delivery import delivery_variants
from asdocumented.mutants.permitted.messages import header_variants
from asdocumented.mutants.permitted.readings import reading_variants
from asdocumented.mutants.permitted.refusals import refusal_variants

_KINDS = (reading_variants, body_variants, header_variants, refusal_variants, delivery_variants)


def derive_variants(api: Api, operation: Operation) -> Iterator[Variant]:
    """Yield every permitted difference of an operation, each once, with what permits it and where it is left alone."""
    followed = {reading_name(entry, reading(api.name, entry)) for entry in {**api.ambiguities, **operation.ambiguities}}
    seen: set[str] = set()
    for variant in _derived(api, operation):
        if variant.name not in seen | followed:
            seen.add(variant.name)
            yield variant


def _derived(api: Api, operation: Operation) -> Iterator[Variant]:
    for declaration in operation.behaviours:
        module = behaviour(declaration.name)
        if isinstance(module, Varying):
            yield from module.variants(api, operation, declaration)
    for kind in _KINDS:
        yield from kind(api, operation)
