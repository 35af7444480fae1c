"""Gather what is known of a target's failures before a run: from its own file, and from what ships with the contracts."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from asdocumented.contracts.model import Catalogue
from asdocumented.known import KnownDeviation, Terms, concerning, shipped, today
from asdocumented.targets.model import Target
from asdocumented.targets.remote import RemoteTarget

__all__ = ["own_deviations", "terms_for"]


def terms_for(
    catalogue: Catalogue, target: Target, folder: Path | None = None, *, accept: bool = False, day: date | None = None
) -> Terms:
    """Return the known deviations of a target; the emulator has none.

    `folder` is that of the contracts, `day` what expiries go by instead of today. Raises ContractError for mistakes in
    what ships, and UsageError for a day of the environment that is none.
    """
    day = day or today()
    if not isinstance(target, RemoteTarget):
        return Terms((), day, accept)
    urls = {api: target.base_url(api) for api in target.description.apis}
    return Terms((*own_deviations(target), *concerning(shipped(catalogue, folder), urls)), day, accept)


def own_deviations(target: Target) -> tuple[KnownDeviation, ...]:
    """Return the known deviations of a target's own file."""
    return target.description.known_deviations if isinstance(target, RemoteTarget) else ()
