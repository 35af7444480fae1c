"""The digest of an operation's request part: what a stored corpus was generated for."""

from __future__ import annotations

import hashlib
import json

from asdocumented.contracts.definitions import reachable
from asdocumented.contracts.model import JSON, Api, Operation


def request_digest(api: Api, operation: Operation) -> str:
    """Return the SHA-256 of everything about a request that cases are generated from.

    That is method, path, parameters, and the body with every definition that it leads to. What the page says of responses
    does not matter to a request, and changes nothing here.
    """
    text = json.dumps(_request(api, operation), sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _request(api: Api, operation: Operation) -> JSON:
    body = operation.body
    return {
        "method": operation.method,
        "path": operation.path,
        "query": dict(operation.query),
        "parameters": [
            [each.location, each.name, each.required, dict(each.schema), each.resource]
            for each in sorted(operation.parameters, key=lambda each: (each.location, each.name))
        ],
        "definitions": {
            name: api.definitions[name]
            for schema in [*(each.schema for each in operation.parameters), *([body.schema] if body else [])]
            for name in sorted(reachable(api.definitions, schema))
        },
        "body": None
        if body is None
        else [body.required, list(body.media_types), dict(body.schema), dict(sorted(body.draws.items()))],
    }
