"""Descriptors to begin with: examples that are valid as they stand, and drafts made from a repository."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ryaml

_COMPONENT = """\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: my-service
  title: My service
  description: What it does, in one sentence.
  tags: [python]
  links:
    - url: https://example.org/my-service
      title: Dashboard
spec:
  type: service
  lifecycle: production
  owner: {owner}
"""
_API = """\
apiVersion: backstage.io/v1alpha1
kind: API
metadata:
  name: my-api
  description: What one can ask it.
spec:
  type: openapi
  lifecycle: production
  owner: {owner}
  definition: |
    openapi: 3.1.0
    info:
      title: My API
      version: 1.0.0
    paths: {{}}
"""
_TEAM = """\
apiVersion: backstage.io/v1alpha1
kind: Group
metadata:
  name: my-team
  description: What the team is responsible for.
spec:
  type: team
  profile:
    displayName: My team
  children: []
  members: []
"""
EXAMPLES: Mapping[str, str] = {"component": _COMPONENT, "api": _API, "group": _TEAM}
NOBODY = "my-team"


def example(kind: str, owner: str | None) -> str:
    """A valid descriptor of that kind, or nothing for a kind without one."""
    text = EXAMPLES.get(kind, "")
    return text.format(owner=owner or NOBODY) if "{owner}" in text else text


def draft(entity: Mapping[str, Any], owner: str | None) -> str:
    """What the analysis of a repository suggests, as the text of a descriptor with an owner to correct."""
    made = {**entity, "spec": {**entity["spec"], "owner": owner or NOBODY}}
    text: str = ryaml.dumps(made)  # type: ignore[attr-defined]  # its stubs forget to export it
    return text
