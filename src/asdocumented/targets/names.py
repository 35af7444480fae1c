"""What a targets file can name of an API: identities with a credential, pools with the places that draw on them, states."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from asdocumented.contracts.model import Api, Operation

_NO_CREDENTIAL = "none"


def names_of(api: Api) -> dict[str, Mapping[str, str]]:
    """Return, by the key of the targets file, each name with what it is for, in the order of the contract."""
    return {
        "credentials": {
            name: ", ".join([identity.kind, *identity.permissions, *identity.roles])
            for name, identity in api.identities.items()
            if identity.kind != _NO_CREDENTIAL  # what is sent without a credential, or with a made-up one
        },
        "resources": {
            pool: "; ".join(f"{operation.name} ({', '.join(places)})" for operation, places in _places(api, pool))
            for pool in api.resources
        },
        "states": dict(api.states),
    }


def _places(api: Api, pool: str) -> Iterator[tuple[Operation, list[str]]]:
    """Yield each operation that draws on a pool, with the parameters and fields that do."""
    for operation in api.operations.values():
        draws = operation.body.draws if operation.body else {}
        places = [each.name for each in operation.parameters if each.resource == pool]
        places += [pointer for pointer, drawn in draws.items() if drawn == pool]
        if places:
            yield operation, places
