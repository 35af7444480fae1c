"""Put together valid calls for one API of a target: values from its pools, fresh ids, canary secrets."""

from __future__ import annotations

import hashlib
import json
import random
import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from asdocumented.contracts.model import JSON, Api, Operation, Parameter, Tier
from asdocumented.planning.bodies import Bodies
from asdocumented.plans import Call, Pages, Step, UnplannableError
from asdocumented.reads.classify import creates
from asdocumented.reads.walks import pages_of
from asdocumented.traces import Headers

_SAFE = ("HEAD", "OPTIONS", "TRACE")  # RFC 9110 section 9.2.1


def new_salt() -> str:
    """Return what makes the ids of a run its own, so that no other run, there or elsewhere, writes or deletes under them."""
    return secrets.token_hex(16)


@dataclass(slots=True)
class Context:
    """What planning knows of one API: the contract, the target's pools, and what was drawn before.

    `pools` are ids by kind of resource; `scope` are the names of the operations that the target has. Everything drawn is
    deterministic for a seed. `salt` makes the ids of one run others than those of the next; nothing else that is drawn changes.
    """

    api: Api
    pools: Mapping[str, tuple[str, ...]]
    scope: frozenset[str]
    random: random.Random
    keeps_changes: bool
    states: Mapping[str, Mapping[str, tuple[str, ...]]] = field(
        default_factory=dict
    )  # pools that hold in a given state
    expendable: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # ids that may be changed for good
    absent: set[str] = field(default_factory=set)
    secrets: dict[str, str] = field(default_factory=dict)
    salt: str = ""
    bodies: Bodies = field(init=False, repr=False)
    _pairs: dict[str, tuple[Call, Call]] = field(default_factory=dict)
    _bases: dict[tuple[str, bool, bool], Call] = field(default_factory=dict)
    _request_id: str = ""
    _repeated: dict[str, Call] = field(default_factory=dict)
    _made: dict[str, Call] = field(default_factory=dict)  # id -> the call of this plan that creates it

    def __post_init__(self) -> None:
        self.bodies = Bodies(self.api, self.pools, self.expendable, self.keeps_changes, self.secret, self.uuid)

    def has(self, operation: str) -> bool:
        """Tell whether the target has an operation of this API."""
        return operation in self.scope

    def sibling(self, name: str) -> Operation:
        """Return another operation of the API that the target has; raises UnplannableError when it has none."""
        if not self.has(name):
            raise UnplannableError(f"the target does not have the operation {name}")
        return self.api.operations[name]

    def fresh(self, pool: str) -> str:
        """Return a new id of a pool that does not exist anywhere."""
        made = self.uuid()
        if self.salt:
            digest = hashlib.sha256(f"{self.salt}/{made}".encode()).digest()
            made = str(uuid.UUID(bytes=digest[:16], version=4))
        resource = self.api.resources.get(pool)
        value = (resource.fresh if resource else "{uuid}").replace("{uuid}", made)
        self.absent.add(value)
        return value

    def uuid(self) -> str:
        """Return a UUID that names nothing and that the seed determines."""
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))

    def existing(self, pool: str, state: str = "") -> str:
        """Return an id of a pool that exists (in a state, where the target names some for it).

        Raises UnplannableError when the target names none.
        """
        known = self.states.get(state, {}).get(pool) or self.pools.get(pool)
        if known:
            return known[0]
        return self._created(self.pair(self._creator(pool))[0])

    def _creator(self, pool: str) -> Operation:
        """Return the operation that creates what a pool holds; raises UnplannableError when the target has none."""
        for name in sorted(self.scope):
            operation = self.api.operations[name]
            if any(each.resource == pool and creates(operation, each) for each in operation.parameters):
                return operation
        raise UnplannableError(f"the target names no {pool} (resources.{pool})")

    def _created(self, call: Call) -> str:
        name = next(each.name for each in call.operation.parameters if creates(call.operation, each))
        identifier = call.arguments["path", name]
        self._made[identifier] = call
        return identifier

    def makes(self, call: Call) -> Call | None:
        """Return the planned call that creates what another call refers to, or None when it exists anyway."""
        for parameter in call.operation.parameters:
            maker = self._made.get(call.arguments.get((parameter.location, parameter.name), ""))
            if parameter.location == "path" and maker is not None and not creates(call.operation, parameter):
                return maker
        return None

    def secret(self, pointer: str) -> str:
        """Return a canary for a secret field; it is recorded as a marker that names the field."""
        value = "".join(self.random.choices("abcdefghjkmnpqrstuvwxyzABCDEFGHJKMNPQRSTUVWXYZ23456789", k=24))
        self.secrets[value] = f"«secret:{pointer}»"
        return value

    def valid(
        self, operation: Operation, *, identity: str = "admin", body: JSON = None, state: str = "", **fixed: str
    ) -> Call:
        """Return a valid call with the required parameters and, where one is required, a body.

        `fixed` gives path parameters by name; `body` replaces the drawn one; `state` is the state that it is meant for
        (the operation's own by default).
        """
        state = state or operation.state
        arguments = {
            (parameter.location, parameter.name): fixed.get(parameter.name) or self.value(operation, parameter, state)
            for parameter in operation.parameters
            if parameter.required
        }
        if body is None and operation.body is not None and operation.body.required:
            body = self.bodies.draw(operation)
        return self.with_body(Call(operation, identity, arguments, more_headers=self._client_id()), body)

    def _client_id(self) -> Headers:
        """Return the request id that every request carries, as clients send it, where the API has one and gives it back."""
        own = self.api.client_request_id
        if own is not None and not self._request_id:
            self._request_id = self.uuid()
        return ((own.header, self._request_id), (own.asked_by, "true")) if own is not None else ()

    def base(self, operation: Operation, *, full: bool = False, odd: bool = False) -> Call:
        """Return the one valid call (with every field of the body: `full`) that requests with a fault are made from.

        They share it, since a target that refuses them keeps nothing of it, and its pools hold only so many valid bodies.
        Those with an odd id (`odd`) share another: a target may keep them, and find the others in conflict with what it has.
        """
        key = (operation.name, full, odd)
        if key not in self._bases:
            try:
                self._bases[key] = self.valid(operation, body=self.bodies.draw(operation, full=True) if full else None)
            except UnplannableError:
                if not odd:
                    raise
                self._bases[key] = self.base(operation, full=full)  # the pools hold no body more
        return self._bases[key]

    def is_shared(self, call: Call) -> bool:
        """Tell whether a call is one that requests with a fault are made from."""
        return any(call is each for each in self._bases.values())

    def spare(self, operation: Operation) -> Call:
        """Return a valid call for a request that may succeed: the shared one, but a fresh one where it would be used up."""
        return self.valid(operation) if operation.method == "DELETE" else self.base(operation)

    def with_body(self, call: Call, body: JSON) -> Call:
        """Return the call with a JSON body (None: without any)."""
        if body is None or call.operation.body is None:
            return replace(call, body=b"", content_type="")
        text = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
        return replace(call, body=text, content_type=call.operation.body.media_types[0])

    def value(self, operation: Operation, parameter: Parameter, state: str = "") -> str:
        """Return a valid value of a parameter: its constant, an id of its pool, or a fresh id where the call creates it."""
        if "const" in parameter.schema:
            return str(parameter.schema["const"])
        if parameter.schema.get("examples"):
            return str(parameter.schema["examples"][0])
        if parameter.resource:
            if creates(operation, parameter):
                return self.fresh(parameter.resource)
            if operation.method == "DELETE" and operation.path.endswith("{" + parameter.name + "}"):
                return self._created(self.valid(self._creator(parameter.resource)))
            return self.existing(parameter.resource, state)
        if parameter.schema.get("enum"):
            return str(parameter.schema["enum"][0])
        if parameter.schema.get("type") == "boolean":
            return "true"
        if parameter.schema.get("type") == "integer":
            return str(parameter.schema.get("minimum", 1))
        raise UnplannableError(f"no source says which values of {parameter.name} are valid; name a resource for it")

    def pair(self, operation: Operation) -> tuple[Call, Call]:
        """Return two valid writes that differ in every field that is drawn from a pool of two or more; always the same two."""
        if operation.name not in self._pairs:
            first = self.valid(operation)
            taken = json.loads(first.body)
            other = self.bodies.other(operation, taken)
            second = self.valid(operation, body=other)
            self._pairs[operation.name] = (first, second)
        return self._pairs[operation.name]

    def repeated(self, operation: Operation) -> Call:
        """Return a valid call that several behaviours send and send again; always the same one."""
        if operation.body is not None and operation.body.draws:
            return self.pair(operation)[0]
        if operation.name not in self._repeated:
            self._repeated[operation.name] = self.valid(operation)
        return self._repeated[operation.name]

    def changing(self, operation: Operation, name: str) -> tuple[Call, Call]:
        """Return two valid writes to one fresh id whose bodies differ in one field alone.

        Raises UnplannableError when the pools hold no two such bodies that were not drawn before.
        """
        first, second = self.bodies.changing(operation, name)
        call = self.valid(operation, body=first)
        return call, self.with_body(call, second)

    def pages(self, operation: Operation) -> Pages | None:
        """Return how the pages of a list are followed, and how one of its items is read where an operation does that."""
        found = pages_of(operation)
        writes = {each.parameters.get("write", "") for each in operation.behaviour("page")} & self.scope
        paths = {self.api.operations[name].path for name in writes}
        readers = (self.api.operations[name] for name in sorted(self.scope))
        reader = next((each for each in readers if each.method == "GET" and each.path in paths), None)
        if found is None or reader is None:
            return found
        last = max(reader.parameters, key=lambda each: reader.path.find("{" + each.name + "}")).name
        return replace(found, item=self.valid(reader, **{last: "any"}))

    def step(self, call: Call, purpose: str, *, again: bool = False, shows: str = "") -> Step:
        """Return a step with the tier that the call has on this target."""
        return Step(call, purpose, self.tier(call), again, shows=shows)

    def tier(self, call: Call) -> Tier:
        """Return the tier of a call: the operation's, or `probe` where it can only hit an id that does not exist.

        A refused call on a real resource keeps the operation's tier, since a broken target would obey it; one that looks at the
        last name of a path alone would obey where only an earlier one is made up.
        """
        named = [each for each in call.operation.parameters if each.location == "path" and each.resource]
        if named:
            last = max(named, key=lambda each: call.operation.path.find("{" + each.name + "}"))
            if call.arguments.get(("path", last.name)) in self.absent and not creates(call.operation, last):
                return Tier.PROBE
        if call.method in _SAFE:
            return Tier.READ
        if call.method:
            # What another method does to a real resource is not documented, so it may do anything.
            return max(Tier.WRITE, call.operation.tier, key=lambda tier: tier.rank)
        return call.operation.tier
