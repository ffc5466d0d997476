"""Registry documents and advisories: what they say, whatever people put into them."""

from __future__ import annotations

from datetime import UTC, datetime

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from callboard.pipelines.models.advisories import affects, severity
from callboard.pipelines.models.documents import read, releases_since

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "dist-tags",
                    "latest",
                    "versions",
                    "time",
                    "maintainers",
                    "info",
                    "releases",
                    "affected",
                    "ranges",
                ]
            ),
            inner,
        )
    ),
    max_leaves=12,
)


@given(JSON, st.sampled_from(["npm", "pypi"]))
def test_no_document_is_too_strange_to_read(document: object, ecosystem: str) -> None:
    text = orjson.dumps(document).decode()
    assert read(ecosystem, text).deprecated in (True, False)
    assert severity(text) == "moderate"


def test_a_document_that_is_no_json_says_nothing() -> None:
    assert read("npm", "<html>").latest is None


def test_a_packument_is_read() -> None:
    found = read(
        "npm",
        '{"dist-tags": {"latest": "2.0.0"}, "versions": {"1.0.0": {}, "2.0.0": {"deprecated": "gone"}},'
        '"time": {"1.0.0": "2024-01-01T00:00:00Z", "2.0.0": "2026-01-01T00:00:00Z"}, "maintainers": [{}]}',
    )
    assert (found.latest, found.maintainers, found.deprecated) == ("2.0.0", 1, True)
    assert releases_since(found, datetime(2026, 6, 1, tzinfo=UTC)) == 1


def test_a_yanked_release_is_withdrawn_when_all_its_files_are() -> None:
    found = read(
        "pypi",
        '{"info": {"version": "1"}, "releases": {'
        '"1": [{"upload_time_iso_8601": "2024-01-02T00:00:00Z", "yanked": true},'
        ' {"upload_time_iso_8601": "2024-01-01T00:00:00Z", "yanked": false}],'
        '"2": [{"yanked": true}], "3": []}}',
    )
    assert [(one.version, one.withdrawn) for one in found.releases] == [
        ("1", False),
        ("2", True),
        ("3", False),
    ]
    assert found.releases[0].at == datetime(2024, 1, 1, tzinfo=UTC)


def record(*events: dict[str, str], ecosystem: str = "npm", kind: str = "SEMVER", **more: object) -> str:
    affected = {
        "package": {"ecosystem": ecosystem, "name": "a.b"},
        "ranges": [{"type": kind, "events": list(events)}],
    }
    return orjson.dumps({"affected": [affected], **more}).decode()


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("1.0.0", False),
        ("1.2.0", True),
        ("1.10.0", True),
        ("2.0.0-rc.1", True),
        ("2.0.0", False),
        ("3.1.0", True),
        ("no version", False),
    ],
)
def test_a_version_is_affected_between_introduced_and_fixed(version: str, expected: bool) -> None:
    text = record({"introduced": "1.2.0"}, {"fixed": "2.0.0"}, {"introduced": "3.0.0"})
    assert affects(text, "npm", "a.b", version) is expected


def test_the_last_affected_version_is_affected() -> None:
    text = record({"introduced": "0"}, {"last_affected": "1.5"}, ecosystem="PyPI", kind="ECOSYSTEM")
    assert affects(text, "pypi", "A-B", "1.5")  # PyPI's names are written in many ways
    assert not affects(text, "pypi", "A-B", "1.5.post1")


def test_a_withdrawn_record_and_one_of_another_package_affect_nothing() -> None:
    assert not affects(record({"introduced": "0"}, withdrawn="2026-01-01T00:00:00Z"), "npm", "a.b", "1.0.0")
    assert not affects(record({"introduced": "0"}), "npm", "a-b", "1.0.0")
    assert affects(record({"introduced": "0"}), "npm", "a.b", "1.0.0")


@given(st.tuples(*[st.integers(0, 3)] * 3), st.tuples(*[st.integers(0, 3)] * 3))
def test_versions_are_compared_by_number(fixed: tuple[int, ...], version: tuple[int, ...]) -> None:
    text = record({"introduced": "0"}, {"fixed": ".".join(map(str, fixed))})
    assert affects(text, "npm", "a.b", ".".join(map(str, version))) is (version < fixed)
