"""Reading wheels: healthy ones, and those that somebody made to do harm."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callboard.core.errors import InputError
from callboard.plugins.install.wheel import members, read_wheel
from tests.plugins.install.wheels import Made, Recipe, hash_of, library, link, manifest, plugin

TIDES = "callboard_tides_test"


def refused(made: Made, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_wheel(made.filename, made.content)


def with_file(name: str, content: bytes = b"x") -> Made:
    """A wheel with one more file, which its RECORD knows."""
    recipe = plugin()
    recipe.files[name] = content
    return recipe.made()


def test_a_wheel_tells_its_name_its_plugin_and_what_it_needs_without_running() -> None:
    made = plugin("tides", "1.2", needs=["network"], requires=["buoys>=2", "anyio"]).made()
    wheel = read_wheel(made.filename, made.content)
    assert (wheel.name, wheel.version) == ("callboard-plugin-tides", "1.2")
    assert [str(one) for one in wheel.requires] == ["buoys>=2", "anyio"]
    assert wheel.entry_point == f"{TIDES}:PLUGIN"
    assert wheel.manifest == manifest(asks=["network"])
    assert f"{TIDES}/__init__.py" in dict(members(wheel))


def test_a_wheel_without_a_plugin_is_a_package() -> None:
    made = library("buoys").made()
    wheel = read_wheel(made.filename, made.content)
    assert (wheel.entry_point, wheel.manifest) == (None, None)


def test_versions_may_be_written_in_several_ways() -> None:
    made = library("buoys", "2026.01.05").made()
    assert read_wheel(made.filename, made.content).version == "2026.1.5"


@pytest.mark.parametrize(
    "name",
    ["../evil.py", "/etc/evil.py", "a/../../evil.py", "..\\evil.py", "C:/evil.py", "C:evil.py"],
)
def test_a_file_outside_of_the_wheel_is_refused(name: str) -> None:
    refused(with_file(name), "outside of it")


@pytest.mark.parametrize("name", [".", "./", "a\x1b[2Jb.py", "a\nb.py"])
def test_a_file_whose_name_cannot_be_used_is_refused(name: str) -> None:
    refused(with_file(name), "cannot be used")


def test_a_link_is_refused() -> None:
    recipe = plugin()
    recipe.further = [link(f"{TIDES}/data", "/etc")]
    refused(recipe.made(), "a link or a device")


def test_a_file_that_is_there_twice_is_refused() -> None:
    recipe = plugin()
    recipe.further = [(zipfile.ZipInfo(f"./{TIDES}/__init__.py"), b"evil")]
    refused(recipe.made(), "twice")


def test_a_file_that_is_a_folder_too_is_refused() -> None:
    recipe = plugin()
    recipe.files["buoys"] = b""
    recipe.files["buoys/data"] = b""
    refused(recipe.made(), "as a file and as a folder")


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    refused(with_file(f"{TIDES}/data", bytes(20 * 2**20)), "suspiciously small")


def test_a_wheel_that_unpacks_to_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("callboard.plugins.install.wheel.MAX_UNPACKED", 2**20)
    refused(with_file(f"{TIDES}/data", bytes(2**20)), "unpacks to more than 1 MiB")


def test_a_wheel_of_too_many_files_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("callboard.plugins.install.wheel.MAX_FILES", 3)
    refused(plugin().made(), "more than 3 files")


def test_files_that_would_run_at_every_start_or_lie_elsewhere_are_refused() -> None:
    refused(with_file("evil.pth"), "run at every start")
    refused(with_file("callboard_plugin_tides-1.0.data/scripts/evil"), "outside its packages")


def test_a_file_that_is_not_what_the_record_says_is_refused() -> None:
    recipe = plugin()
    good = recipe.made()
    with zipfile.ZipFile(io.BytesIO(good.content)) as archive:
        recipe.record = archive.read(f"{recipe.folder}/RECORD").decode()
    recipe.files[f"{TIDES}/__init__.py"] += b"evil()"
    refused(recipe.made(), "is not what its RECORD says")


def test_a_file_that_the_record_does_not_know_is_refused() -> None:
    recipe = plugin()
    recipe.further = [(zipfile.ZipInfo(f"{TIDES}/more.py"), b"evil()")]
    refused(recipe.made(), "does not fit its files")


def test_a_record_that_knows_more_than_there_is_or_hashes_weakly_is_refused() -> None:
    recipe = plugin()
    recipe.record = f"missing.py,{hash_of(b'')},0\n"
    refused(recipe.made(), "does not fit its files")
    recipe = Recipe(name="buoys", files={})
    recipe.record = f"{recipe.folder}/METADATA,md5=AAAA,1\n{recipe.folder}/WHEEL,,\n"
    refused(recipe.made(), "no strong hash")


def test_a_wheel_whose_metadata_is_of_something_else_is_refused() -> None:
    for name, version in (
        ("numpy", "1.0"),
        ("callboard-plugin-tides", "2.0"),
        ("callboard-plugin-tides", "x"),
    ):
        metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        refused(plugin(metadata=metadata).made(), "another name or version")


def test_a_distribution_has_one_plugin() -> None:
    points = f"a = {TIDES}:PLUGIN\nb = {TIDES}:OTHER"
    refused(plugin(entry_points=points).made(), "declares 2 plugins")


def test_a_plugin_without_a_manifest_is_refused_with_what_to_do() -> None:
    recipe = plugin()
    del recipe.files[f"{TIDES}/callboard-plugin.json"]
    refused(recipe.made(), "callboard plugins manifest")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"id": "../../evil"}, "id must be"),
        ({"id": "a" * 61}, "id must be"),
        ({"id": 3}, "id must be str"),
        ({"needs": {}}, "needs must be list"),
        ({"needs": [{"name": "network"}]}, r"needs\[0\] must have"),
        ({"needs": [{"name": "everything", "why": "x"}]}, r"needs\[0\].name must be one of"),
        ({"contributions": [{}]}, r"contributions\[0\] must have a `kind`"),
        ({"config": {"key": "tides"}}, "config must be null"),
        ({"title": "Tides\x1b[2K\rHarmless"}, "cannot be printed"),
        ({"needs": [{"name": "network", "why": "\x1b[8m"}]}, "cannot be printed"),
        ({"description": "left \u202e right"}, "cannot be printed"),
    ],
)
def test_a_manifest_that_is_not_in_order_is_refused(changes: dict[str, Any], message: str) -> None:
    refused(plugin(declared=manifest(**changes)).made(), message)


@pytest.mark.parametrize("content", [b"[]", b"{", b"\xff", json.dumps("x" * 300_000).encode()])
def test_a_manifest_that_is_no_mapping_is_refused(content: bytes) -> None:
    recipe = plugin()
    recipe.files[f"{TIDES}/callboard-plugin.json"] = content
    refused(recipe.made(), "callboard-plugin.json")


@pytest.mark.parametrize("name", ["tides.whl", "tides-1.0.zip", "tides-x-py3-none-any.whl"])
def test_a_file_that_is_not_named_like_a_wheel_is_refused(name: str) -> None:
    refused(Made(name, plugin().made().content), "not the name of a wheel")


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_a_damaged_wheel_is_refused_or_read_and_nothing_else(data: st.DataObject) -> None:
    made = plugin().made()
    content = bytearray(made.content)
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        wheel = read_wheel(made.filename, bytes(content[: data.draw(st.integers(0, len(content)))]))
    except InputError:
        return
    assert wheel.manifest == manifest()
