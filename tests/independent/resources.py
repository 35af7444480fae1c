"""What exists on the server: the ids of each kind of thing."""

from typing import Final

__all__ = ["RESOURCES", "WRONG_ECHOES"]

RESOURCES: Final[dict[str, str | list[str]]] = {
    "subscription": "ac3e0000-51b5-4c1d-9e0a-7f3a52d4e901",
    "resource-group": "Acme-Group.West_4",
    "workspace": "acme-analytics",
    "integration-runtime": "acme-runtime-2",
    "link": "acme-link-7",
    "provider": "prov-idle",
    "busy-provider": "prov-busy",
    "role": [
        "ac3e0001-0b1c-4d6e-8f21-93c0a5b7d401",
        "ac3e0001-1c2d-4e7f-9a32-84d1b6c8e502",
        "ac3e0001-2d3e-4f80-8b43-75e2c7d9f603",
        "ac3e0001-3e4f-4091-9c54-66f3d8eaa704",
    ],
    "principal": [
        "ac3e0002-4f50-41a2-8d65-5704e9fbb805",
        "ac3e0002-5061-42b3-9e76-4815fa0cc906",
        "ac3e0002-6172-43c4-8f87-39260b1dda07",
        "ac3e0002-7283-44d5-9098-2a371c2eeb08",
    ],
    "scope": [
        "workspaces/acme-analytics",
        "workspaces/acme-analytics/bigDataPools/acme-pool",
        "workspaces/acme-analytics/integrationRuntimes/acme-runtime-2",
        "workspaces/acme-analytics/linkedServices/acme-lake",
    ],
    "fabric-workspace": "ac3e0003-8394-45e6-81a9-1b482d3ffc09",
    "mirrored-database": "ac3e0004-94a5-46f7-92ba-0c593e400d0a",
}

WRONG_ECHOES: Final = {
    "echo-wrong-principal": {"principalId": "ac3e0002-ffff-4fff-8fff-ffffffffffff"},
    "echo-wrong-scope": {"scope": "workspaces/acme-elsewhere"},
    "id-not-echoed": {"id": "acme-other-assignment"},
}
"""What a PUT answers in place of what was sent, by deviation."""
