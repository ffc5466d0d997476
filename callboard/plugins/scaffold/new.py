"""Begins a plugin: a distribution with a card, a setting, its manifest and tests that pass."""

from __future__ import annotations

import keyword
from collections.abc import Collection, Mapping
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from string import Template

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

from callboard import __version__
from callboard.core.errors import ConflictError, InputError
from callboard.plugins.contract import ID, MAX_ID
from callboard.plugins.scaffold.project import read_project, written_manifest

LICENSE = "Apache-2.0"
_LAYOUT = {
    "pyproject.toml": "pyproject.toml.txt",
    "README.md": "README.md.txt",
    "listing.yaml": "listing.yaml.txt",
    "{package}/__init__.py": "init.py.txt",
    "{package}/plugin.py": "plugin.py.txt",
    "{package}/templates/card.html": "card.html.txt",
    "tests/conftest.py": "conftest.py.txt",
    "tests/test_{package}.py": "test_plugin.py.txt",
}
"""Where each file of the template goes. They end with .txt so that no tool takes them for code."""


def begin(name: str, folder: Path, taken: Collection[str] = (), license: str = LICENSE) -> list[Path]:
    """Write a new plugin into `folder`, which must be absent or empty. Returns its files.

    `taken` are ids that plugins of Callboard have, `license` is an SPDX expression. Raises InputError for a
    name that cannot be one and for a licence that is none, and ConflictError for one that is taken or a
    folder that holds something.
    """
    package = name.replace("-", "_")
    if not ID.fullmatch(name) or len(name) > MAX_ID:
        raise InputError(
            f"{name!r} cannot be the id of a plugin: lower-case letters and digits, parts joined by hyphens, "
            f"{MAX_ID} characters at most"
        )
    if name in taken:
        raise ConflictError(f"{name} is the id of a plugin that is there already")
    if keyword.iskeyword(package) or find_spec(package) is not None:
        raise ConflictError(f"{package} is the name of a Python package that is there already")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ConflictError(f"{folder} is not an empty folder")
    try:
        terms = str(canonicalize_license_expression(license))
    except InvalidLicenseExpression:
        raise InputError(f"{license!r} is no SPDX licence expression, such as Apache-2.0 or MIT") from None
    words = {
        "license": terms,
        "id": name,
        "package": package,
        "title": name.replace("-", " ").capitalize(),
        "callboard": __version__,
    }
    made = [_write(folder, path, source, words) for path, source in _LAYOUT.items()]
    project = read_project(folder)
    written_manifest(project)
    return [*made, project.manifest]


def _write(folder: Path, path: str, source: str, words: Mapping[str, str]) -> Path:
    target = folder / path.format(**words)
    target.parent.mkdir(parents=True, exist_ok=True)
    text = (files("callboard.plugins.scaffold") / "template" / source).read_text("utf-8")
    target.write_text(Template(text).substitute(words), "utf-8")
    return target
