"""The export of contracts as OpenAPI documents."""

from __future__ import annotations

import json
from typing import Any

import pytest
import schemathesis
from openapi_spec_validator import OpenAPIV31SpecValidator

from asdocumented.contracts import load_catalogue
from asdocumented.openapi import export

_APIS = load_catalogue().apis
_ACCESS = "azure-synapse-access-control"
_VCENTER = "vmware-vcenter-hvc"


def _operations(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [operation for item in document["paths"].values() for operation in item.values()]


@pytest.mark.parametrize("api", sorted(_APIS))
def test_document_is_valid_openapi(api: str) -> None:
    """An exported document has no error against OpenAPI 3.1."""
    expected: list[str] = []

    assert expected == [str(error) for error in OpenAPIV31SpecValidator(export(_APIS[api])).iter_errors()]


@pytest.mark.parametrize("api", sorted(_APIS))
def test_schemathesis_loads_document(api: str) -> None:
    """Schemathesis finds every path and method of an exported document."""
    document = export(_APIS[api])
    expected = len(_operations(document))

    assert expected == len(
        [each for each in schemathesis.openapi.from_dict(document).get_all_operations() if each.ok()]
    )


@pytest.mark.parametrize("api", sorted(_APIS))
def test_document_is_plain_json(api: str) -> None:
    """An exported document survives JSON unchanged."""
    document = export(_APIS[api])

    assert document == json.loads(json.dumps(document, allow_nan=False))


@pytest.mark.parametrize("api", sorted(_APIS))
def test_default_is_never_exported(api: str) -> None:
    """No exported operation has a default response."""
    expected: list[str] = []

    assert expected == [
        each["operationId"] for each in _operations(export(_APIS[api])) if "default" in each["responses"]
    ]


@pytest.mark.parametrize("operation", [each.id for each in load_catalogue().operations if "other" in each.responses])
def test_other_becomes_two_ranges(operation: str) -> None:
    """Other status codes of a page become 4XX and 5XX with the same body."""
    found = load_catalogue().operation(operation)
    expected = (True, False)

    responses = export(_APIS[found.api])["paths"][found.path][found.method.lower()]["responses"]

    assert expected == (responses["4XX"] == responses["5XX"], "other" in responses)


@pytest.mark.parametrize("api", sorted(_APIS))
def test_operation_ids_are_kept(api: str) -> None:
    """Every operation is exported under the page's operationId."""
    exported = " ".join(each["operationId"] for each in _operations(export(_APIS[api])))
    expected: list[str] = []

    assert expected == [each.name for each in _APIS[api].operations.values() if each.operation_id not in exported]


def test_presence_becomes_required() -> None:
    """A field that must be present is required in the exported schema."""
    schemas = export(_APIS[_ACCESS])["components"]["schemas"]
    expected = (["code", "message"], ["error"])

    assert expected == (schemas["ErrorResponse"]["required"], schemas["ErrorContract"]["required"])


@pytest.mark.parametrize("api", sorted(_APIS))
def test_request_schemas_stay_as_documented(api: str) -> None:
    """The definition of a request body requires what the contract's definition requires, no more."""
    schemas = export(_APIS[api])["components"]["schemas"]
    names = {each.body.definition for each in _APIS[api].operations.values() if each.body}

    assert {name: _APIS[api].definitions[name].get("required") for name in names} == {
        name: schemas[name].get("required") for name in names
    }


def test_empty_response_has_no_content() -> None:
    """A response with a documented empty body is exported without content."""
    operation = _APIS["azure-synapse-management"].operations["sync-integration-runtime-credentials"]
    expected = False

    responses = export(_APIS[operation.api])["paths"][operation.path]["post"]["responses"]

    assert expected == ("content" in responses["200"])


def test_both_media_types_are_exported() -> None:
    """Each media type of the page is exported for requests and responses."""
    operation = export(_APIS[_ACCESS])["paths"]["/roleAssignments/{roleAssignmentId}"]["put"]
    expected = ["application/json", "text/json"]

    assert expected == list(operation["requestBody"]["content"]) == list(operation["responses"]["200"]["content"])


def test_security_names_its_scheme() -> None:
    """Every operation names a security scheme that the document defines."""
    documents = [export(api) for api in _APIS.values()]
    expected: list[str] = []

    assert expected == [
        each["operationId"]
        for document in documents
        for each in _operations(document)
        if not {name for one in each["security"] for name in one} <= set(document["components"]["securitySchemes"])
    ]


def test_unstated_fields_stay_optional() -> None:
    """A field whose presence is no MUST is not required in the exported schema."""
    schemas = export(_APIS["azure-synapse-management"])["components"]["schemas"]
    expected = False

    assert expected == ("required" in schemas["ErrorDetail"])
