"""The documentation builds without a warning, and its marked examples do what they say.

A comment on the line before a fenced block marks it; blocks of a page run in order in one empty folder:

    <!-- file: NAME -->    the block is written to NAME
    <!-- entity: NAME -->  the same, and `callboard validate NAME` must find nothing
    <!-- run -->           each `$ ` line is run and must end with status 0 (`<!-- run: 1 -->`: with 1); the
                           lines below it must occur in its output in that order, `...` is anything
    <!-- same: PATH -->    the block is what that file of the repository holds
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from callboard.access.permissions import Permission
from callboard.access.service import KNOWN_KEYS as ACCESS_KEYS
from callboard.catalog.settings import KNOWN_KEYS
from callboard.plugins import Registry
from callboard.portal.plugins import PLUGINS
from callboard.web.contributions import Page

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PROGRAMS = Path(sys.executable).parent
BLOCK = re.compile(
    r"^<!-- (?P<verb>run|file|entity|same)(?:: (?P<argument>[^ ]+))? -->\n```\w*\n(?P<body>.*?)^```$",
    re.M | re.S,
)


@dataclass(frozen=True)
class Example:
    verb: str
    argument: str | None
    body: str


def examples(page: Path) -> list[Example]:
    text = page.read_text(encoding="utf-8")
    return [Example(found["verb"], found["argument"], found["body"]) for found in BLOCK.finditer(text)]


def pages_with_examples() -> Iterator[str]:
    for page in sorted(DOCS.rglob("*.md")):
        if examples(page):
            yield str(page.relative_to(DOCS))


def run(command: str, folder: Path) -> tuple[int, str]:
    """Status and output of a command that begins with `callboard`."""
    words = shlex.split(command)
    assert words[0] == "callboard", f"only callboard itself is run: {command}"
    done = subprocess.run(
        [PROGRAMS / "callboard", *words[1:]],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "COLUMNS": "200"},
    )
    return done.returncode, done.stdout + done.stderr


def commands(body: str) -> Iterator[tuple[str, list[str]]]:
    """The commands of a console block, each with the output lines shown below it."""
    for part in re.split(r"^\$ ", body, flags=re.M)[1:]:
        command, *shown = part.rstrip().split("\n")
        yield command, shown


def test_the_documentation_builds_without_a_warning(tmp_path: Path) -> None:
    done = subprocess.run(
        [PROGRAMS / "mkdocs", "build", "--strict", "--quiet", "--site-dir", tmp_path / "site"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "site" / "index.html").exists()


@pytest.mark.parametrize("page", list(pages_with_examples()))
def test_the_examples_of_a_page_do_what_they_say(page: str, tmp_path: Path) -> None:
    for example in examples(DOCS / page):
        if example.verb in ("file", "entity"):
            assert example.argument
            (tmp_path / example.argument).write_text(example.body, encoding="utf-8")
        if example.verb == "same":
            assert example.argument
            assert (ROOT / example.argument).read_text(encoding="utf-8") == example.body
        if example.verb == "entity":
            status, output = run(f"callboard validate {example.argument}", tmp_path)
            assert status == 0, output
        if example.verb == "run":
            for command, shown in commands(example.body):
                status, output = run(command, tmp_path)
                assert status == int(example.argument or 0), f"{command}\n{output}"
                pattern = ".*".join(re.escape(part) for line in shown for part in line.split("..."))
                assert re.search(pattern, output, re.S), f"{command} printed\n{output}"


def test_every_link_of_the_files_at_the_root_leads_somewhere() -> None:
    for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"):
        for target in re.findall(r"\]\(([^)#]+)\)", (ROOT / name).read_text(encoding="utf-8")):
            assert target.startswith("https://") or (ROOT / target).exists(), f"{name}: {target}"


def test_every_configuration_key_that_is_read_is_described() -> None:
    text = (DOCS / "reference" / "configuration.md").read_text(encoding="utf-8")
    assert [key for key in sorted(KNOWN_KEYS | ACCESS_KEYS) if f"`{key}" not in text] == []


def test_every_permission_is_described() -> None:
    text = (DOCS / "reference" / "access.md").read_text(encoding="utf-8")
    named = {f"{first}{rest}" for first, rest in re.findall(r"`([a-z.]+?)(\.[a-z]+)`", text)}
    # A row may name several that differ in the last word only: `a.b.read`, `.delete`.
    for row in re.findall(r"^\| `([a-z.]+)\.[a-z]+`(.*?) \|", text, re.M):
        named |= {f"{row[0]}{last}" for last in re.findall(r"`(\.[a-z]+)`", row[1])}
    assert [one.name for one in Registry(PLUGINS).of(Permission) if one.name not in named] == []


def test_every_test_that_the_page_of_security_names_is_there() -> None:
    text = (DOCS / "explanation" / "security.md").read_text(encoding="utf-8")
    named = re.findall(r"`((?:tests|plugins)/[\w/-]+\.py)(?:::(\w+))?`", text)
    assert len(named) > 20
    for file, test in named:
        assert (ROOT / file).is_file(), file
        assert not test or f"def {test}(" in (ROOT / file).read_text(encoding="utf-8"), f"{file}::{test}"


def test_every_page_is_described() -> None:
    text = (DOCS / "reference" / "pages.md").read_text(encoding="utf-8")
    assert [page.path for page in Registry(PLUGINS).of(Page) if f"`{page.path}`" not in text] == []


def test_every_page_of_the_documentation_is_in_its_navigation() -> None:
    navigation = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    assert [
        str(page.relative_to(DOCS))
        for page in DOCS.rglob("*.md")
        if str(page.relative_to(DOCS)) not in navigation
    ] == []
