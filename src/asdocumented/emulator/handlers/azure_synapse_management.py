"""Integration runtimes of a Synapse workspace: one self-hosted runtime of two nodes whose credentials can be synchronised."""

from __future__ import annotations

import hashlib

from asdocumented.contracts.model import JSON
from asdocumented.emulator.calls import Answer, Call

_POOL = "integration-runtime"
READINGS = {"A9": "lower-case"}


def sync_integration_runtime_credentials(call: Call) -> Answer:
    """Copy the credentials of the dispatcher node to all worker nodes; what shows is a capability of each node."""
    call.world.pools[_POOL][call.path["integrationRuntimeName"]]["synchronised"] = True
    return Answer(200)


def get_integration_runtime(call: Call) -> Answer:
    """Describe the runtime; whether the client's copy is the current one is for the contract's `conditional` to say."""
    name = call.path["integrationRuntimeName"]
    body = {
        "id": _resource_id(call),
        "name": name,
        "type": "Microsoft.Synapse/workspaces/integrationruntimes",
        "etag": _etag(call),
        "properties": {"type": "SelfHosted", "description": "A self-hosted integration runtime"},
    }
    return Answer(200, body)


def get_integration_runtime_status(call: Call) -> Answer:
    """Show the nodes of the runtime, and whether their credentials are those of the dispatcher."""
    name = call.path["integrationRuntimeName"]
    synchronised = bool(call.world.pools[_POOL][name].get("synchronised"))
    properties = {
        "type": "SelfHosted",
        "dataFactoryName": call.path["workspaceName"],
        "state": "Online",
        "typeProperties": {
            "createTime": "2025-12-01T08:00:00.000Z",
            "nodes": [_node(1, in_sync=True), _node(2, in_sync=synchronised)],
            "serviceUrls": ["eu.frontend.clouddatahub.net", None],
            "autoUpdate": "On",
            "version": "5.40.8836.1",
        },
    }
    return Answer(200, {"name": name, "properties": properties})


def _node(number: int, *, in_sync: bool) -> dict[str, JSON]:
    return {
        "nodeName": f"Node_{number}",
        "machineName": f"NODE-{number}",
        "status": "Online",
        "isActiveDispatcher": number == 1,
        "capabilities": {"credentialInSync": str(in_sync), "connectedToResourceManager": "True"},
    }


def _resource_id(call: Call) -> str:
    names = {parameter.name: call.path[parameter.name] for parameter in call.endpoint.references}
    path = call.endpoint.operation.path.replace("integrationRuntimes", "integrationruntimes")  # as recorded
    for name, value in names.items():
        path = path.replace("{" + name + "}", value)
    return path


def _etag(call: Call) -> str:
    return hashlib.sha256(_resource_id(call).encode()).hexdigest()[:32]
