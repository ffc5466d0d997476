"""Schemathesis reads our own description and looks for answers that it does not foretell."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, seed, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from callboard.catalog.api.openapi import document
from tests.servers import running_server

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    response_schema_conformance,
    content_type_conformance,
]
DESCRIPTORS = """apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: lamp, tags: [light], annotations: {a.example/b: c}}
spec: {type: service, lifecycle: production, owner: keepers}
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: keepers}
spec: {type: team, children: []}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: broken}
spec: {}
"""


@pytest.fixture(scope="module")
def base_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("schemathesis")
    (folder / "catalog-info.yaml").write_text(DESCRIPTORS)
    with running_server([folder / "catalog-info.yaml"], data=folder / "data") as server:
        yield server.base_url


@schemathesis.openapi.from_dict(document()).parametrize()
@seed(20261124)
@settings(
    max_examples=15,
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
)
def test_every_answer_is_one_that_the_description_foretells(case: Any, base_url: str) -> None:
    case.call_and_validate(base_url=base_url, checks=CHECKS, timeout=30)


def test_the_server_gives_the_description_that_is_tested(base_url: str) -> None:
    assert httpx.get(f"{base_url}/api/catalog/openapi.json").json() == document()
