"""Integration runtimes of a Synapse workspace."""

from __future__ import annotations

from asdocumented.emulation.messages import Answer, Incoming
from asdocumented.emulation.store import Store

_SYNCED = "credentialInSync"


def sync_integration_runtime_credentials(call: Incoming, store: Store) -> Answer:
    """Copy the dispatcher's credentials to the workers, which shows as a capability of the nodes."""
    store.facts[_SYNCED] = True
    return Answer(200)


def get_integration_runtime(call: Incoming, store: Store) -> Answer:
    """Return the integration runtime as a resource."""
    name = call.path["integrationRuntimeName"]
    body = {
        "id": call.target.partition("?")[0].replace("/integrationRuntimes/", "/integrationruntimes/"),
        "name": name,
        "type": "Microsoft.Synapse/workspaces/integrationruntimes",
        "etag": "0400f1a1-0000-0000-0000-5b2188640000",
        "properties": {"type": "SelfHosted", "description": "A self-hosted integration runtime"},
    }
    return Answer(200, body)


def get_integration_runtime_status(call: Incoming, store: Store) -> Answer:
    """Return the status with one node; a sync shows in its capabilities, as a string."""
    node = {
        "nodeName": "Node_1",
        "machineName": "WORKER1",
        "status": "Online",
        "version": "5.17.8154.2",
        "isActiveDispatcher": True,
        "capabilities": {
            _SYNCED: "True" if store.facts.get(_SYNCED) else "False",
            "connectedToResourceManager": "True",
        },
    }
    details = {
        "createTime": "2026-01-01T00:00:00Z",
        "nodes": [node],
        "serviceUrls": ["emulator.example"],
        "autoUpdate": "Off",
    }
    properties = {"type": "SelfHosted", "state": "Online", "typeProperties": details}
    return Answer(200, {"name": call.path["integrationRuntimeName"], "properties": properties})
