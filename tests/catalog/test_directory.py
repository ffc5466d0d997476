"""Sign-in finds users by what their entities say, and the groups that they are in now."""

from __future__ import annotations

import orjson
import pytest

from callboard.catalog.directory import CatalogDirectory
from callboard.catalog.index import Entry, Index


def put(index: Index, name: str, kind: str = "User", email: str = "", groups: tuple[str, ...] = ()) -> None:
    entity = {
        "kind": kind,
        "metadata": {
            "name": name,
            "uid": f"uid-{kind}-{name}",
            "annotations": {"github.com/user-login": name},
        },
        "spec": {"profile": {"email": email}},
        "relations": [{"type": "memberOf", "targetRef": group} for group in groups],
    }
    index.put(Entry(f"{kind}:default/{name}".lower(), f"uid-{kind}-{name}", orjson.dumps(entity)))


@pytest.fixture
def directory() -> CatalogDirectory:
    index = Index()
    put(index, "Ada", email="ada@example.com", groups=("group:default/Red", "group:default/all"))
    put(index, "bob", email="shared@example.com")
    put(index, "eve", email="Shared@example.com")
    put(index, "ada", "Component", email="ada@example.com")
    return CatalogDirectory(index)


async def test_users_are_found_in_any_case_and_nothing_else_is(directory: CatalogDirectory) -> None:
    for question in (
        {"name": "ADA"},
        {"email": "Ada@Example.com"},
        {"annotation": ("GitHub.com/user-login", "ada")},
        {"name": "ada", "email": "ada@example.com"},
    ):
        assert await directory.find(**question) == ["user:default/ada"]
    assert await directory.find(email="shared@example.com") == ["user:default/bob", "user:default/eve"]
    assert await directory.find(name="ada", email="shared@example.com") == []
    assert await directory.find() == []
    assert await directory.find(name="") == []


async def test_a_user_is_read_by_its_ref_only(directory: CatalogDirectory) -> None:
    found = await directory.user("User:default/ADA")
    assert found is not None
    assert found["spec"]["profile"]["email"] == "ada@example.com"
    for ref in ("component:default/ada", "user:default/none", "nonsense nonsense"):
        assert await directory.user(ref) is None


def test_ownership_is_the_user_and_its_groups(directory: CatalogDirectory) -> None:
    assert directory.ownership("user:default/ada") == (
        "user:default/ada",
        "group:default/all",
        "group:default/red",
    )
    assert directory.ownership("user:default/none") == ()
