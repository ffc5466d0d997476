"""A right entity of every kind and type, for tests to break one field at a time."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

SPECS: dict[str, dict[str, Any]] = {
    "Component": {
        "type": "service",
        "lifecycle": "production",
        "owner": "harbour",
        "system": "beacon",
        "subcomponentOf": "tower",
        "providesApis": ["lamp-api"],
        "consumesApis": ["fog-events", "north/tides"],
        "dependsOn": ["resource:tide-db", "component:rotor"],
        "dependencyOf": ["component:keeper"],
    },
    "API": {
        "type": "openapi",
        "lifecycle": "production",
        "owner": "harbour",
        "system": "beacon",
        "definition": "openapi: 3.1.0",
    },
    "API mcp-server": {
        "type": "mcp-server",
        "lifecycle": "production",
        "owner": "harbour",
        "system": "beacon",
        "remotes": [{"type": "streamable-http", "url": "https://mcp.example.org"}],
    },
    "Resource": {
        "type": "database",
        "owner": "harbour",
        "system": "beacon",
        "dependsOn": ["resource:disk"],
        "dependencyOf": ["component:lamp"],
    },
    "System": {"owner": "harbour", "domain": "navigation", "type": "platform"},
    "Domain": {"owner": "harbour", "subdomainOf": "sea", "type": "product-area"},
    "Group": {
        "type": "team",
        "profile": {
            "displayName": "Harbour",
            "email": "h@example.org",
            "picture": "https://example.org/h.png",
        },
        "parent": "lighthouse",
        "children": ["pilots"],
        "members": ["ada"],
    },
    "User": {
        "profile": {"displayName": "Ada", "email": "ada@example.org", "picture": "https://example.org/a.png"},
        "memberOf": ["harbour"],
    },
    "Location": {"type": "url", "target": "./a.yaml", "targets": ["./b.yaml"], "presence": "optional"},
    "Template": {
        "type": "service",
        "owner": "harbour",
        "lifecycle": "production",
        "parameters": [
            {"properties": {"name": {"type": "string"}}, "backstage:permissions": {"tags": ["a"]}}
        ],
        "secrets": {"schema": {"type": "object"}},
        "presentation": {
            "buttonLabels": {"backButtonText": "B", "createButtonText": "C", "reviewButtonText": "R"}
        },
        "EXPERIMENTAL_recovery": {"EXPERIMENTAL_strategy": "none"},
        "EXPERIMENTAL_formDecorators": [{"id": "d", "input": {}}],
        "steps": [
            {
                "id": "fetch",
                "name": "Fetch",
                "action": "fetch:template",
                "input": {"url": "./skeleton"},
                "if": "${{ parameters.name }}",
                "backstage:permissions": {"tags": ["a"]},
            }
        ],
        "output": {
            "remoteUrl": "${{ steps.publish.output.remoteUrl }}",
            "links": [
                {
                    "if": True,
                    "url": "https://example.org",
                    "entityRef": "component:a",
                    "title": "T",
                    "icon": "i",
                }
            ],
            "text": [{"if": True, "title": "T", "icon": "i", "content": "C"}],
        },
    },
    "AiResource": {"type": "prompt", "lifecycle": "production", "owner": "harbour", "system": "beacon"},
    "AiResource skill": {
        "type": "skill",
        "lifecycle": "production",
        "owner": "harbour",
        "system": "beacon",
        "disciplines": ["web"],
        "categories": ["framework"],
        "agents": ["any"],
        "dependsOn": ["typing"],
        "allowedTools": ["Read"],
        "license": "MIT",
        "compatibility": "Python 3.11",
    },
    "AiResource rule": {
        "type": "rule",
        "lifecycle": "production",
        "owner": "harbour",
        "category": "security",
        "rationale": "because",
        "disciplines": ["web"],
    },
    "AiResource plugin": {
        "type": "plugin",
        "lifecycle": "production",
        "owner": "harbour",
        "skills": ["typing"],
        "version": "1.0.0",
    },
    "AiResource marketplace": {
        "type": "marketplace",
        "lifecycle": "production",
        "owner": "harbour",
        "plugins": ["review"],
        "version": "1.0.0",
    },
}


def entity(label: str = "Component", **metadata: Any) -> dict[str, Any]:
    """A fresh, right entity; `label` is a key of SPECS, keywords are added to its metadata."""
    kind = label.partition(" ")[0]
    version = "scaffolder.backstage.io/v1beta3" if kind == "Template" else "backstage.io/v1alpha1"
    return {
        "apiVersion": version,
        "kind": kind,
        "metadata": {"name": "lamp", **metadata},
        "spec": deepcopy(SPECS[label]),
    }
