"""Files that descriptors name: links in chains, links to nothing, and links put in between check and use."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from callboard.catalog.ingest.confine import Confinement
from callboard.catalog.providers import Target
from tests.catalog.conftest import Start
from tests.catalog.nodes import component_yaml, write

SECRET = component_yaml("secret")


def locations(*targets: str) -> str:
    listed = "".join(f"    - {target}\n" for target in targets)
    return (
        "apiVersion: backstage.io/v1alpha1\nkind: Location\nmetadata: {name: more}\n"
        f"spec:\n  type: file\n  targets:\n{listed}"
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of the catalog files; beside it lies a secret."""
    write(tmp_path / "elsewhere" / "secret.yaml", SECRET)
    return (tmp_path / "catalog").absolute()


async def test_a_chain_of_links_and_a_link_to_nothing_lead_nowhere(start: Start, folder: Path) -> None:
    write(
        folder / "all.yaml", locations("./first.yaml", "./nothing.yaml", "./good.yaml", "./aside/secret.yaml")
    )
    write(folder / "good.yaml", component_yaml("good"))
    (folder / "first.yaml").symlink_to("second.yaml")
    (folder / "second.yaml").symlink_to("third.yaml")
    (folder / "third.yaml").symlink_to(folder.parent / "elsewhere" / "secret.yaml")
    (folder / "nothing.yaml").symlink_to(folder.parent / "elsewhere" / "later.yaml")
    (folder / "aside").symlink_to(folder.parent / "elsewhere")
    node = await start(targets=[Target("file", str(folder / "all.yaml"))])
    assert node.names("component") == {"default/good"} or node.names("component") == {"good"}
    told = " ".join(await node.messages())
    for name in ("first.yaml", "nothing.yaml", "aside/secret.yaml"):
        assert f"{name} leads outside" in told


@pytest.mark.parametrize("what", ["the file", "its folder"])
async def test_a_link_put_in_between_check_and_use_is_not_read(
    start: Start, folder: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    write(folder / "all.yaml", locations("./inner/secret.yaml"))
    write(folder / "inner" / "secret.yaml", component_yaml("good"))
    resolve = Confinement.resolve

    def resolve_and_swap(self: Confinement, *given: Any) -> str:
        found = resolve(self, *given)
        inner = folder / "inner"
        if not inner.is_symlink() and not (inner / "secret.yaml").is_symlink():
            (inner / "secret.yaml").unlink()
            if what == "the file":
                (inner / "secret.yaml").symlink_to(folder.parent / "elsewhere" / "secret.yaml")
            else:
                inner.rmdir()
                inner.symlink_to(folder.parent / "elsewhere")
        return found

    monkeypatch.setattr(Confinement, "resolve", resolve_and_swap)
    node = await start(targets=[Target("file", str(folder / "all.yaml"))])
    assert node.names("component") == set()
    assert "leads outside" in " ".join(await node.messages())
