"""The SVG, its file, and the same in words."""

from __future__ import annotations

from xml.etree import ElementTree

from markupsafe import Markup

from callboard.portal.graph.address import Address
from callboard.portal.graph.drawing import picture_of
from callboard.portal.graph.export import standalone
from callboard.portal.graph.labels import fit, labels_of
from callboard.portal.graph.relations import Pairs
from callboard.portal.graph.text import sections
from callboard.portal.graph.traverse import Graph, Scope, walk
from tests.portal.graph.catalogs import HARBOUR, SHIP, Index

PAIRS = Pairs.of()
NODE = ".//{http://www.w3.org/2000/svg}a"
PATH = ".//{http://www.w3.org/2000/svg}path[@data-ends]"
HOSTILE = "</title><script>alert(1)</script>\"'&\x00\u202e"


def drawn(index: Index, root: str) -> tuple[Graph, Markup]:
    graph = walk(index, [root], Scope(depth=None), PAIRS)
    return graph, picture_of(graph, labels_of(index, graph.nodes), Address((root,)), "Relations of a ship")


def test_every_node_is_a_link_to_its_page() -> None:
    graph, picture = drawn(HARBOUR, SHIP)
    tree = ElementTree.fromstring(picture)
    paths = [link.attrib["href"] for link in tree.iterfind(NODE)]
    assert paths[0] == "/catalog/default/component/ship"
    assert len(paths) == len(graph.nodes)
    assert len(list(tree.iterfind(PATH))) == len(graph.edges)


def test_a_picture_needs_no_style_and_no_script() -> None:
    _, picture = drawn(HARBOUR, SHIP)
    assert "style" not in picture
    assert "<script" not in picture


def test_hostile_names_stay_text() -> None:
    root = 'component:default/"><script>x'
    index = Index({root: [("owned<By", "group:default/'onload=")]}, {root: {"metadata.title": HOSTILE}})
    _, picture = drawn(index, root)
    tree = ElementTree.fromstring(picture)
    assert "<script" not in picture
    assert "\x00" not in picture
    assert "\u202e" not in picture
    assert [link.attrib["data-ref"] for link in tree.iterfind(NODE)] == [root, "group:default/'onload="]
    assert all(link.attrib["href"].startswith("/catalog/") for link in tree.iterfind(NODE))


def test_a_file_is_xml_whatever_the_references_hold() -> None:
    root = "component:default/a\x01b"
    _, picture = drawn(Index({root: []}), root)
    tree = ElementTree.fromstring(standalone(picture, "dark"))
    assert "var(" not in (tree.findtext("{http://www.w3.org/2000/svg}style") or "")


def test_names_are_cut_by_their_width() -> None:
    assert fit("booking-service", 20) == "booking-service"
    assert fit("a-very-long-name-of-a-service", 10) == "a-very-lo…"
    assert fit("予約サービス予約サービス", 10) == "予約サー…"


def test_the_words_tell_why_each_entity_is_there() -> None:
    graph = walk(HARBOUR, [SHIP], Scope(depth=None), PAIRS)
    labels = labels_of(HARBOUR, graph.nodes)
    said = {
        (line.label.title, sentence.words, other.title)
        for section in sections(graph, labels, PAIRS)
        for line in section.lines
        for sentence in line.sentences
        for other in sentence.others
    }
    assert ("cable", "is provided by", "ship") in said
    assert ("crew", "owns", "ship") in said
    assert ("radar", "consumes", "cable") in said
    assert len(said) == len(graph.edges)
