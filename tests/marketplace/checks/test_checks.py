"""The checks by themselves: what is fine passes, and what is near the edge is told apart."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

from callboard.marketplace.checks import Known, Submitted, Taken, read_declared
from callboard.marketplace.checks.code import check_code
from callboard.marketplace.checks.given import TakenPublisher
from callboard.marketplace.checks.names import check_names, check_publisher, skeleton
from callboard.marketplace.checks.osv import OsvDatabase, check_vulnerabilities, read_osv
from callboard.marketplace.checks.run import check
from callboard.marketplace.checks.svg import wrong_svg
from tests.marketplace.wheels import FIELDS, wheel
from tests.plugins.install.wheels import manifest

RECORD = {
    "id": "PYSEC-1",
    "summary": "Ships collide",
    "affected": [
        {
            "package": {"ecosystem": "PyPI", "name": "Ships"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "1.0"}, {"fixed": "1.4"}]}],
            "versions": ["1.0", "1.2"],
        },
        {"package": {"ecosystem": "npm", "name": "ships"}, "versions": ["9"]},
    ],
}


@pytest.fixture
def osv(tmp_path: Path) -> OsvDatabase:
    (tmp_path / "a.json").write_text(json.dumps(RECORD))
    (tmp_path / "b.json").write_text("{broken")
    (tmp_path / "c.json").write_text(json.dumps({**RECORD, "id": "PYSEC-2", "withdrawn": "2026-01-01"}))
    return read_osv(tmp_path)


def test_a_healthy_plugin_passes_without_a_finding() -> None:
    made = wheel()
    done = check(Submitted(made.filename, made.content, read_declared(FIELDS)), Known("acme"))
    assert done.findings == ()
    assert done.passed
    assert done.readme.startswith("# Tides")


def test_an_export_is_read_from_a_zip_as_from_a_folder(osv: OsvDatabase, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("PyPI/a.json", json.dumps(RECORD))
    assert read_osv(tmp_path / "all.zip").of == osv.of
    assert [one.id for one in osv.of["ships"]] == ["PYSEC-1"]


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ("ships==1.2", "vulnerable-dependency"),
        ("ships<1.3", "vulnerable-dependency"),
        ("ships>=1.1", "vulnerable-admitted"),
        ("ships", "vulnerable-admitted"),
        ("ships>=1.4", None),
        ("ships==1.4", None),
        ("boats==1.2", None),
    ],
)
def test_a_demanded_vulnerability_is_refused_and_an_admitted_one_told(
    osv: OsvDatabase, wanted: str, code: str | None
) -> None:
    found = list(check_vulnerabilities("tides", "1.0", [Requirement(wanted)], {}, osv))
    assert [one.code for one in found] == ([] if code is None else [code])


def test_what_callboard_runs_with_is_not_the_plugins_fault(osv: OsvDatabase) -> None:
    assert not list(check_vulnerabilities("tides", "1.0", [Requirement("ships==1.2")], {"ships": "1.2"}, osv))
    assert [one.code for one in check_vulnerabilities("ships", "1.2", [], {}, osv)] == ["vulnerable"]


@pytest.mark.parametrize(
    ("name", "title", "codes"),
    [
        ("harbours", "Harbours", set()),  # its own listing
        ("quays", "Quays", set()),
        ("harbour-masters", "Masters of harbours", set()),
        ("harbors", "Quays", {"name-near"}),
        ("callboard-plugin-harbours", "Quays", {"name-taken"}),
        ("quays", "HARBOURS!", {"title-taken"}),
        ("quays", "Hаrbours", {"title-homoglyph", "title-taken"}),  # a Cyrillic letter
        ("quays", "Grüße aus Köln", set()),
        ("quays", "Приливы", set()),  # another language is no disguise
    ],
)
def test_names_are_told_apart_by_what_the_eye_takes_them_for(name: str, title: str, codes: set[str]) -> None:
    taken = [Taken("harbours", "Harbours", "acme", "callboard-plugin-harbours")]
    found = list(
        check_names(
            name, title, "callboard-plugin-quays", "eves" if codes or name != "harbours" else "acme", taken
        )
    )
    assert {one.code for one in found if one.level == "error"} == codes


def test_a_skeleton_is_what_is_seen() -> None:
    assert skeleton("Hаrb0urs") == skeleton("Harbours")


@pytest.mark.parametrize(
    ("text", "needs", "codes"),
    [
        ("import os.path\n", (), set()),
        ("import requests\n", (), {"network-undeclared"}),
        ("import requests\n", ("network",), {"network-own"}),
        ("from urllib import parse\n", (), set()),
        ("from urllib import request\n", (), {"network-undeclared"}),
        ("import subprocess\n", (), {"processes"}),
        ("import os\nos.system('x')\n", (), {"processes"}),
        ("exec('x')\n", (), {"code-dynamic"}),
        ("def f(context, D):\n    context.get('x')\n    {}.get(D)\n", (), set()),
        ("from callboard.search import Search\ndef f(c):\n    c.get(Search)\n", ("search",), set()),
        ("from callboard.search import Search\ndef f(c):\n    c.get(Search)\n", (), {"need-undeclared"}),
    ],
)
def test_code_is_read_for_what_it_asks(text: str, needs: tuple[str, ...], codes: set[str]) -> None:
    found = check_code([("tides.py", text.encode())], manifest("tides", needs))
    assert {one.code for one in found if one.code != "need-unused"} == codes


@pytest.mark.parametrize(
    "drawing",
    [
        '<path d="M0 0h9" fill="#268" stroke-width="2"/>',
        '<defs><linearGradient id="a"><stop offset="0"/></linearGradient></defs><rect fill="url(#a)"/>',
        '<g id="x"/><use href="#x"/>',
        "<title>Tides &amp; waves</title>",
    ],
)
def test_a_plain_drawing_is_taken(drawing: str) -> None:
    assert wrong_svg(f'<svg xmlns="http://www.w3.org/2000/svg">{drawing}</svg>'.encode()) is None


@pytest.mark.parametrize(
    "drawing",
    [
        "<style>@import 'x'</style>",
        "<image href='data:image/png;base64,AA'/>",
        "<a href='#x'/>",
        "<animate attributeName='href'/>",
        '<path style="fill:red"/>',
        '<use xlink:href="//evil.example.org/x"/>',
        '<rect fill="u\\72l(https://evil.example.org)"/>',
        "<g>" * 100 + "</g>" * 100,
        "<path",
    ],
)
def test_what_is_more_than_a_drawing_is_refused(drawing: str) -> None:
    assert wrong_svg(f'<svg xmlns="http://www.w3.org/2000/svg">{drawing}</svg>'.encode()) is not None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("name", "Tides"),
        ("summary", "short"),
        ("title", "a\u202eb"),
        ("categories", []),
        ("tags", ["No!"]),
        ("x", 1),
    ],
)
def test_a_form_that_is_wrong_names_its_field(name: str, value: Any) -> None:
    with pytest.raises(Exception, match=name):
        read_declared({**FIELDS, name: value})


@pytest.mark.parametrize(
    ("name", "title", "codes"),
    [
        ("quays", "Quays", set()),
        ("red-hat", "Red Hat", {"name-listed"}),
        ("redhat", "Quays", {"name-taken"}),
        ("quays", "Red Hat, Inc.", {"title-taken"}),
        ("quays", "RED-HAT official", {"title-taken"}),
        ("quays", "Rеd Hat", {"title-homoglyph", "title-taken"}),  # a Cyrillic letter
        ("quays", "Red Hatt", {"title-near"}),
        ("tidesc0", "Quays", {"name-taken"}),
        ("quays", "Tides-Co", {"title-taken"}),
        ("hat", "Hat", set()),
    ],
)
def test_publishers_are_told_apart_by_what_the_eye_takes_them_for(
    name: str, title: str, codes: set[str]
) -> None:
    taken = [
        TakenPublisher("red-hat", "Red Hat", "a publisher of 56 listings"),
        TakenPublisher("tides-inc", "Tides Co", "a publisher that is approved"),
    ]
    found = list(check_publisher(name, title, taken))
    assert {one.code for one in found} == codes
    assert {one.code for one in found if one.level == "warning"} == codes & {"title-near", "name-near"}
