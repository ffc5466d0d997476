"""The folder in which somebody writes a plugin: where its declaration is, and whether its manifest fits.

Reading the declaration imports the author's own code, on the author's machine.
"""

from __future__ import annotations

import importlib
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from callboard.core.errors import InputError
from callboard.plugins.contract import Plugin, declaration_problems
from callboard.plugins.discovery import GROUP
from callboard.plugins.manifest import FILE, manifest_bytes


@dataclass(frozen=True, slots=True)
class Project:
    """`root` is the folder that Python imports from; `module` and `attribute` name the declaration in it."""

    name: str
    root: Path
    module: str
    attribute: str

    @property
    def manifest(self) -> Path:
        """Where the manifest belongs: in the package that the entry point names, or beside its module."""
        path = self.root.joinpath(*self.module.split("."))
        return (path if (path / "__init__.py").is_file() else path.parent) / FILE


def read_project(folder: Path) -> Project:
    """What `pyproject.toml` says. Raises InputError when there is none, or not exactly one plugin in it."""
    path = folder / "pyproject.toml"
    try:
        project: Any = tomllib.loads(path.read_text("utf-8")).get("project")
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: {error}") from None
    groups: Any = project.get("entry-points") if isinstance(project, dict) else None
    found: Any = groups.get(GROUP) if isinstance(groups, dict) else None
    points = list(found.values()) if isinstance(found, dict) else []
    if len(points) != 1:
        raise InputError(
            f'{path} declares {len(points)} plugins in [project.entry-points."{GROUP}"] instead of one'
        )
    module, separator, attribute = str(points[0]).partition(":")
    module, attribute = module.strip(), attribute.strip()
    if not separator or not all(part.isidentifier() for part in (*module.split("."), *attribute.split("."))):
        raise InputError(f"{path}: the entry point {points[0]!r} must be `package.module:ATTRIBUTE`")
    top = module.partition(".")[0]
    for root in (folder, folder / "src"):
        if (root / top).is_dir() or (root / f"{top}.py").is_file():
            return Project(str(project.get("name", "")), root.resolve(), module, attribute)
    raise InputError(f"{path}: there is no {top} in {folder} and none in {folder / 'src'}")


def declared(project: Project) -> Plugin:
    """The plugin as its code declares it. Raises InputError when it cannot be loaded or used."""
    place = f"{project.module}:{project.attribute}"
    with _importing(project.root):
        try:
            found: Any = importlib.import_module(project.module)
            for part in project.attribute.split("."):
                found = getattr(found, part)
        except Exception as error:  # the author's code may do anything
            raise InputError(f"{place} cannot be loaded: {type(error).__name__}: {error}") from error
    if not isinstance(found, Plugin):
        raise InputError(f"{place} is no Plugin")
    if problems := declaration_problems(found):
        raise InputError(f"{place}: {'; '.join(problems)}")
    return found


def written_manifest(project: Project, *, check: bool = False) -> bool:
    """Bring the manifest in step with the declaration; whether it was not. `check` only looks."""
    wanted = manifest_bytes(declared(project))
    path = project.manifest
    known = path.read_bytes() if path.is_file() else None
    if known == wanted:
        return False
    if not check:
        path.write_bytes(wanted)
    return True


@contextmanager
def _importing(root: Path) -> Iterator[None]:
    """Import from a folder first, and forget afterwards what came from it."""
    before, flag = list(sys.path), sys.dont_write_bytecode
    sys.path.insert(0, str(root))
    sys.dont_write_bytecode = True
    importlib.invalidate_caches()
    try:
        yield
    finally:
        sys.path[:], sys.dont_write_bytecode = before, flag
        for name, module in list(sys.modules.items()):
            file = getattr(module, "__file__", None)
            if file is not None and Path(file).is_relative_to(root):
                del sys.modules[name]
