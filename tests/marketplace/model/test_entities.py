"""Reading never fails, whatever others wrote, and gives nothing that is not safe to show."""

from __future__ import annotations

import base64
from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from callboard.marketplace.entities import read_collection, read_listing, read_publisher, read_release

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
_KEYS = (
    "type publisher lifecycle description icon screenshots highlights categories license price support "
    "installation documentation packages authors related added source replacedBy takenDown listing package "
    "version date artefact supports changelog contributions needs configSchema yanked url domains members "
    "contact about plugins filter"
)
KEYS = _KEYS.split()


@given(st.dictionaries(st.sampled_from(KEYS), JSON), JSON, JSON)
def test_nothing_that_is_written_in_a_field_keeps_it_from_being_read(
    spec: dict[str, Any], links: Any, annotations: Any
) -> None:
    metadata = {"name": "x", "links": links, "annotations": annotations, "tags": links}
    for read in (read_listing, read_release, read_publisher, read_collection):
        read({"metadata": metadata, "spec": spec})
        read({"metadata": spec, "spec": links})


def test_a_listing_is_read_with_the_names_of_its_fields() -> None:
    png = base64.b64encode(b"\x89PNG\r\n\x1a\n rest").decode()
    one = read_listing(
        {
            "metadata": {
                "name": "Tides",
                "title": " Tides ",
                "links": [
                    {"url": "https://tides.example/issues", "title": "Issues"},
                    {"url": "javascript:alert(1)", "title": "Docs"},
                ],
            },
            "spec": {
                "publisher": "harbour",
                "icon": f"data:image/png;base64,{png[:8]}\n {png[8:]}",
                "categories": ["Water", "Water", 7],
                "price": {"model": "free", "url": "https://price.example"},
                "support": "community",
                "packages": [{"name": "acme-tides", "ecosystem": "pypi"}, {"ecosystem": "npm"}],
                "added": "2026-02-30",
                "replacedBy": "swells",
                "screenshots": [{"url": "http://spy.example/a.png"}, {"url": "/marketplace/x.png"}],
            },
        }
    )
    assert (one.ref, one.title, one.publisher) == (
        "listing:default/tides",
        "Tides",
        "publisher:default/harbour",
    )
    assert one.icon == f"data:image/png;base64,{png}"
    assert one.categories == ("Water", "7")
    assert [package.name for package in one.packages] == ["acme-tides"]
    assert one.added is None
    assert one.replaced_by == "listing:default/swells"
    assert one.support.level == "community"
    assert [link.kind for link in one.links] == ["issues"]
    assert [picture.url for picture in one.screenshots] == ["/marketplace/x.png"]


def test_a_release_is_read_with_what_it_asks_for() -> None:
    one = read_release(
        {
            "metadata": {"name": "tides-1", "namespace": "sea"},
            "spec": {
                "listing": "tides",
                "version": "1.0.0rc1",
                "date": "2026-05-01T10:00:00Z",
                "needs": [{"name": "network", "why": "to ask"}, {"why": "nothing"}],
                "yanked": {"at": "2026-05-02", "reason": "It sank."},
                "artefact": {"size": -1},
            },
        }
    )
    assert (one.listing, one.date) == ("listing:sea/tides", date(2026, 5, 1))
    assert one.prerelease
    assert [need.name for need in one.needs] == ["network"]
    assert one.yanked is not None
    assert one.artefact.size is None


def test_a_collection_tells_its_filter_by_whole_keys() -> None:
    spec = {
        "plugins": ["tides", "listing:sea/ropes"],
        "filter": {"metadata": {"tags": "ci"}, "level": ["a", "b"]},
    }
    one = read_collection({"metadata": {"name": "x", "description": "TODO"}, "spec": spec})
    assert one.wanted == ("listing:default/tides", "listing:sea/ropes")
    assert one.filter == (("metadata.tags", ("ci",)), ("level", ("a", "b")))
    assert one.summary == ""
