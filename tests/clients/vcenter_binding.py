"""A binding of the hybrid link services for the vAPI runtime, in its REST mode, as its generator would write one.

No published package has these services with the credentials of a start, so that this one follows the pages. Types, errors and
operations are tables; the runtime does everything else: it writes requests, reads answers and raises typed errors.
"""

# ruff: noqa: N818 - the names of errors are the vendor's

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import requests
from vmware.vapi.bindings.error import VapiError
from vmware.vapi.bindings.struct import VapiStruct
from vmware.vapi.bindings.stub import ApiInterfaceStub, StubConfiguration, VapiInterface
from vmware.vapi.bindings.type import (
    BindingType,
    DateTimeType,
    DynamicStructType,
    ErrorType,
    IdType,
    IntegerType,
    ListType,
    OptionalType,
    SecretType,
    StringType,
    StructType,
    VoidType,
)
from vmware.vapi.lib.connect import get_requests_connector
from vmware.vapi.lib.rest import OperationRestMetadata
from vmware.vapi.security.session import create_session_security_context
from vmware.vapi.security.user_password import create_user_password_security_context

ERRORS = "com.vmware.vapi.std.errors."


class Struct(VapiStruct):
    """A structure whose fields are those of its type."""

    def __init__(self, **fields: Any) -> None:
        VapiStruct.__init__(self)
        for name in self.get_binding_type().get_field_names():
            setattr(self, name, fields.get(name))


def _struct(name: str, **fields: BindingType) -> StructType:
    made = type(name.rpartition(".")[2], (Struct,), {})
    made._set_binding_type(StructType(name, fields, made))  # type: ignore[attr-defined]
    found: StructType = made.get_binding_type()  # type: ignore[attr-defined]
    return found


MESSAGE = _struct(
    "com.vmware.vapi.std.localizable_message",
    id=StringType(),
    default_message=StringType(),
    args=ListType(StringType()),
)


class Error(VapiError):
    """An error that an operation reports: messages, and data if there are any."""

    def __init__(self, **fields: Any) -> None:
        VapiError.__init__(self)
        for name in self.get_binding_type().get_field_names():
            setattr(self, name, fields.get(name))


def _error(made: type[Error], name: str) -> type[Error]:
    data = OptionalType(DynamicStructType("vmware.vapi.dynamic_struct", {}, VapiStruct))
    fields = {"messages": ListType(MESSAGE), "data": data, "error_type": OptionalType(StringType())}
    made._set_binding_type(ErrorType(f"{ERRORS}{name}", fields, made))
    return made


class InvalidArgument(Error):
    """The request is not valid."""


class NotFound(Error):
    """Something does not exist."""


class ResourceBusy(Error):
    """A sync is going on already."""


class ServiceUnavailable(Error):
    """The service is not there."""


class Unauthenticated(Error):
    """The session or password is not valid."""


class Unauthorized(Error):
    """A permission is missing."""


RAISED = {
    "error": Error,
    "invalid_argument": InvalidArgument,
    "not_found": NotFound,
    "resource_busy": ResourceBusy,
    "service_unavailable": ServiceUnavailable,
    "unauthenticated": Unauthenticated,
    "unauthorized": Unauthorized,
}
_ERRORS = {f"{ERRORS}{name}": _error(made, name).get_binding_type() for name, made in RAISED.items()}

CREDENTIALS = _struct("com.vmware.vcenter.hvc.credentials", user_name=StringType(), password=SecretType())
_LINK = _struct("com.vmware.vcenter.hvc.links.summary", link=IdType("link"), display_name=StringType())
_PROVIDER = _struct("com.vmware.vcenter.hvc.links.sync.providers.summary", provider=IdType("provider"))
_SESSION = _struct(
    "com.vmware.vcenter.hvc.links.sync.providers.session_info",
    stage=StringType(),
    completed_work=IntegerType(),
    total_work=IntegerType(),
    start_time=DateTimeType(),
    completion_time=OptionalType(DateTimeType()),
    exception=OptionalType(MESSAGE),
)
_INFO = _struct(
    "com.vmware.vcenter.hvc.links.sync.providers.info",
    status=StringType(),
    polling_interval_in_seconds=IntegerType(),
    last_sync_time=OptionalType(DateTimeType()),
    current_session_info=OptionalType(_SESSION),
    status_message=OptionalType(MESSAGE),
)


def credentials(user_name: str, password: str) -> Struct:
    """Return the credentials of a start."""
    made: Struct = CREDENTIALS.binding_class(user_name=user_name, password=password)
    return made


_Operation = tuple[str, str, Mapping[str, BindingType], BindingType]
_LINK_ID, _PROVIDER_ID = {"link": IdType("link")}, {"provider": IdType("provider")}
_PROVIDERS = "/hvc/links/{link}/sync/providers"
SERVICES: Mapping[str, Mapping[str, _Operation]] = {
    "com.vmware.cis.session": {
        "create": ("POST", "/com/vmware/cis/session", {}, SecretType()),
        "delete": ("DELETE", "/com/vmware/cis/session", {}, VoidType()),
    },
    "com.vmware.vcenter.hvc.links": {"list": ("GET", "/hvc/links", {}, ListType(_LINK))},
    "com.vmware.vcenter.hvc.links.sync.providers": {
        "list": ("GET", _PROVIDERS, _LINK_ID, ListType(_PROVIDER)),
        "get": ("GET", f"{_PROVIDERS}/{{provider}}", {**_LINK_ID, **_PROVIDER_ID}, _INFO),
        "start": (
            "POST",
            f"{_PROVIDERS}/{{provider}}?action=start",
            {**_LINK_ID, **_PROVIDER_ID, "credentials": OptionalType(CREDENTIALS)},
            VoidType(),
        ),
    },
}
"""Method, path, parameters and result of each operation."""


def _interface(service: str, operations: Mapping[str, _Operation]) -> Any:
    """Return what makes the runtime's stub of a service."""
    described = {
        name: {
            "input_type": StructType("operation-input", dict(takes)),
            "output_type": gives,
            "errors": _ERRORS,
            "input_value_validator_list": [],
            "output_validator_list": [],
        }
        for name, (_, _, takes, gives) in operations.items()
    }
    sent = {
        name: OperationRestMetadata(
            method, url_template=path, path_variables={each: each for each in takes if f"{{{each}}}" in path}
        )
        for name, (method, path, takes, _) in operations.items()
    }
    return lambda config: ApiInterfaceStub(service, config, described, rest_metadata=sent, is_vapi_rest=True)


class Connection:
    """A client of every service, at a server's `/rest`."""

    def __init__(self, base_url: str, *, verify: str | bool) -> None:
        self.session = requests.Session()
        self.session.trust_env = False  # or else REQUESTS_CA_BUNDLE goes before what is to be trusted here
        self.session.verify = verify
        self._connector = get_requests_connector(self.session, msg_protocol="rest", url=f"{base_url}/rest")
        config = StubConfiguration(self._connector)
        self._services = {
            service: VapiInterface(config, _interface(service, each)) for service, each in SERVICES.items()
        }

    def with_password(self, user: str, password: str) -> None:
        """Authenticate by user name and password."""
        self._connector.set_security_context(create_user_password_security_context(user, password))

    def with_session(self, session_id: str) -> None:
        """Authenticate by a session."""
        self._connector.set_security_context(create_session_security_context(session_id))

    def call(self, service: str, operation: str, **arguments: Any) -> Any:
        """Invoke an operation."""
        return self._services[service]._invoke(operation, arguments)
