"""Finding wheels with uv: in a package index on loopback, as a file, in a folder."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from callboard.core.errors import InputError, ServiceUnavailableError
from callboard.plugins.install import resolve as resolving
from callboard.plugins.install.resolve import own_distributions, read_source, resolve
from callboard.plugins.install.wheel import Wheel
from tests.plugins.install.wheels import Index, Made, library, package_index, plugin


@pytest.fixture
def index() -> Iterator[Index]:
    with package_index() as running:
        yield running


async def found(
    text: str,
    url: str | None = None,
    kept: Mapping[str, str] | None = None,
    own: Mapping[str, str] | None = None,
) -> list[Wheel]:
    return await resolve(read_source(text, url), own_distributions() if own is None else own, kept or {})


def named(wheels: list[Wheel]) -> list[str]:
    return [f"{wheel.name} {wheel.version}" for wheel in wheels]


async def test_a_name_is_found_in_the_index_with_what_it_needs(index: Index) -> None:
    index.wheels = [
        plugin(version="1.0").made(),
        plugin(version="1.1", requires=["buoys>=2", "httpx>=0.20"]).made(),
        library("buoys", "1.0").made(),
        library("buoys", "2.0", requires=["lamps"]).made(),
        library("lamps").made(),
    ]
    newest = await found("callboard-plugin-tides", index.url)
    # httpx is what Callboard runs with: it is not installed again.
    assert named(newest) == ["callboard-plugin-tides 1.1", "buoys 2.0", "lamps 1.0"]
    assert named(await found("callboard-plugin-tides==1.0", index.url)) == ["callboard-plugin-tides 1.0"]


async def test_a_package_that_another_plugin_brought_keeps_its_version(index: Index) -> None:
    index.wheels = [
        plugin(requires=["buoys"]).made(),
        library("buoys", "1.0").made(),
        library("buoys", "2.0").made(),
    ]
    wheels = await found("callboard-plugin-tides", index.url, {"buoys": "1.0"})
    assert named(wheels) == ["callboard-plugin-tides 1.0", "buoys 1.0"]


async def test_needing_another_version_than_another_plugin_is_a_conflict(index: Index) -> None:
    index.wheels = [
        plugin(requires=["buoys>=2"]).made(),
        library("buoys", "1.0").made(),
        library("buoys", "2.0").made(),
    ]
    with pytest.raises(InputError, match=r"cannot be installed: .*buoys"):
        await found("callboard-plugin-tides", index.url, {"buoys": "1.0"})


async def test_needing_another_version_than_callboard_runs_with_is_a_conflict(index: Index) -> None:
    index.wheels = [plugin(requires=["pydantic<2"]).made()]
    with pytest.raises(InputError, match=r"needs pydantic<2, but Callboard runs with pydantic 2"):
        await found("callboard-plugin-tides", index.url)


async def test_what_a_package_needs_of_callboard_is_checked_too(index: Index) -> None:
    index.wheels = [plugin(requires=["buoys"]).made(), library("buoys", requires=["starlette>999"]).made()]
    with pytest.raises(InputError, match=r"buoys 1.0 needs starlette>999"):
        await found("callboard-plugin-tides", index.url)


async def test_what_callboard_runs_with_cannot_be_installed(index: Index) -> None:
    with pytest.raises(InputError, match="starlette is part of what Callboard runs with"):
        await found("starlette", index.url)


@pytest.mark.parametrize("text", ["callboard-plugin-nowhere", "callboard-plugin-tides==7"])
async def test_what_is_not_in_the_index_is_told_without_its_address(index: Index, text: str) -> None:
    index.wheels = [plugin().made()]
    with pytest.raises(InputError, match=r"cannot be installed: .*callboard-plugin-") as told:
        await found(text, index.url)
    assert "127.0.0.1" not in str(told.value)


async def test_a_name_that_is_not_for_this_python_is_refused(index: Index) -> None:
    with pytest.raises(InputError, match="is not for this Python"):
        await found("callboard-plugin-tides ; python_version < '3'", index.url)


async def test_a_distribution_without_a_wheel_is_refused_and_nothing_is_built(index: Index) -> None:
    index.sources = ["callboard-plugin-tides-1.0.tar.gz"]
    with pytest.raises(InputError, match="cannot be installed"):
        await found("callboard-plugin-tides", index.url)
    assert not any(path.endswith(".tar.gz") for path in index.asked)


async def test_a_wheel_for_another_platform_is_refused(index: Index) -> None:
    made = plugin().made()
    index.wheels = [Made(made.filename.replace("py3-none-any", "cp311-cp311-win_arm64"), made.content)]
    with pytest.raises(InputError, match=r"cannot be installed|no wheel"):
        await found("callboard-plugin-tides", index.url)


async def test_a_wheel_that_is_not_what_the_index_named_is_refused(index: Index) -> None:
    good, evil = plugin().made(), plugin(module="raise SystemExit").made()
    index.wheels = [good]
    index.lies = {good.filename: evil.content}
    with pytest.raises(InputError, match="its hash is another one"):
        await found("callboard-plugin-tides", index.url)


async def test_a_wheel_that_is_too_large_is_not_read_to_its_end(
    index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.wheels = [plugin().made()]
    monkeypatch.setattr(resolving, "MAX_WHEEL", 100)
    with pytest.raises(InputError, match="is larger than"):
        await found("callboard-plugin-tides", index.url)


async def test_all_wheels_together_have_a_limit(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    index.wheels = [plugin(requires=["buoys"]).made(), library("buoys").made()]
    monkeypatch.setattr(resolving, "MAX_TOTAL", len(index.wheels[0].content) + 10)
    with pytest.raises(InputError, match="of packages"):
        await found("callboard-plugin-tides", index.url)


async def test_the_password_of_an_index_is_used_and_never_told(index: Index) -> None:
    index.wheels = [plugin().made()]
    index.password = "s3cret"
    url = index.url.replace("//", "//ann:s3cret@")
    assert named(await found("callboard-plugin-tides", url)) == ["callboard-plugin-tides 1.0"]
    with pytest.raises(InputError) as told:
        await found("callboard-plugin-nowhere", url)
    assert "s3cret" not in str(told.value)


async def test_an_index_that_hangs_ends_in_a_refusal(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resolving, "SECONDS", 0.0)
    with pytest.raises(ServiceUnavailableError, match="did not answer in time"):
        await found("callboard-plugin-tides", index.url)


async def test_other_indexes_of_the_environment_are_not_asked(
    index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    with package_index() as other:
        other.wheels = [plugin(version="9.0").made()]
        index.wheels = [plugin(version="1.0").made()]
        monkeypatch.setenv("UV_EXTRA_INDEX_URL", other.url)
        monkeypatch.setenv("UV_INDEX", other.url)
        assert named(await found("callboard-plugin-tides", index.url)) == ["callboard-plugin-tides 1.0"]
        assert other.asked == []


async def test_a_wheel_on_this_machine_is_found_with_what_it_needs_from_the_index(
    index: Index, tmp_path: Path
) -> None:
    path = plugin(requires=["buoys"]).made().at(tmp_path / "a folder")
    index.wheels = [library("buoys").made()]
    assert named(await found(str(path), index.url)) == ["callboard-plugin-tides 1.0", "buoys 1.0"]


async def test_a_folder_of_wheels_is_enough_by_itself(index: Index, tmp_path: Path) -> None:
    plugin(requires=["buoys"]).made().at(tmp_path)
    library("buoys").made().at(tmp_path)
    wheels = await found(str(tmp_path), index.url)
    assert named(wheels) == ["callboard-plugin-tides 1.0", "buoys 1.0"]
    assert index.asked == []


def test_a_name_is_not_taken_for_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plugin().made().at(tmp_path / "tides")
    monkeypatch.chdir(tmp_path)
    assert read_source("tides").folder is None
    assert read_source("./tides").folder == tmp_path / "tides"


async def test_of_a_folder_with_two_plugins_one_is_named(tmp_path: Path) -> None:
    plugin("tides").made().at(tmp_path)
    plugin("ebb").made().at(tmp_path)
    with pytest.raises(InputError, match=r"holds the plugins callboard-plugin-ebb, callboard-plugin-tides"):
        read_source(str(tmp_path))
    assert named(await found(f"callboard-plugin-ebb @ {tmp_path}")) == ["callboard-plugin-ebb 1.0"]


def test_what_is_no_source_is_refused(tmp_path: Path) -> None:
    library("buoys").made().at(tmp_path)
    for text, message in (
        (str(tmp_path), "no wheel of a plugin"),
        (str(tmp_path / "missing.whl"), "is not there"),
        ("tides @ https://evil.example/tides.whl", "not from an address"),
        ("--index-url=https://evil.example", "is no package"),
        ("tides\n--index-url https://evil.example", "is no package"),
        ("", "is no package"),
        ("./nowhere", "is no package"),
    ):
        with pytest.raises(InputError, match=message):
            read_source(text)


async def test_a_local_wheel_that_lies_is_refused(tmp_path: Path) -> None:
    path = plugin().made().at(tmp_path)
    renamed = tmp_path / "callboard_plugin_ebb-1.0-py3-none-any.whl"
    shutil.copy(path, renamed)
    with pytest.raises(InputError):
        await found(str(renamed))


def test_what_plugins_brought_does_not_count_as_callboards_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "plugins" / "buoys-1.0.dist-info").mkdir(parents=True)
    (tmp_path / "plugins" / "buoys-1.0.dist-info" / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: buoys\nVersion: 1.0\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path / "plugins"))
    assert own_distributions()["buoys"] == "1.0"
    assert "buoys" not in own_distributions([tmp_path / "plugins"])
    assert "callboard" in own_distributions([tmp_path / "plugins"])
