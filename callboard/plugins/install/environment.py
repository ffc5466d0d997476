"""The folders that installed plugins run from: unpacked from the database, put on Python's path, taken away.

Each plugin has a folder of its own, `plugins/<id>/<version>-<hash>`. It stands at the end of Python's path,
so that nothing in it can take the place of what Callboard runs with.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import shutil
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from callboard.core.errors import InputError
from callboard.plugins.contract import Plugin
from callboard.plugins.install.wheel import Wheel, members, read_wheel
from callboard.plugins.manifest import differences

FOLDER = "plugins"
UNPACKING = 3600.0  # seconds after which nobody unpacks any more


def folder_of(data: Path, plugin: str, version: str, hashes: Iterable[str]) -> Path:
    """Where a plugin with exactly these wheels is unpacked."""
    digest = hashlib.sha256("".join(sorted(hashes)).encode()).hexdigest()[:16]
    return data / FOLDER / plugin / f"{version}-{digest}"


def unpack(folder: Path, wheels: Sequence[tuple[str, str, bytes]]) -> None:
    """Unpack wheels, each `(filename, sha256, content)`, unless it is done already. Raises InputError."""
    # A link in the way would put the files of somebody else's choice somewhere else.
    if folder.resolve() != folder:
        raise InputError(f"{folder} leads elsewhere by a link")
    if folder.is_dir():
        return
    folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".unpacking-") as place:
        root = Path(place) / "root"
        root.mkdir(mode=0o700)
        for filename, digest, content in wheels:
            wheel = read_wheel(filename, content)
            if wheel.sha256 != digest:
                raise InputError(f"{filename} is not what was approved: its hash is another one")
            _write(root, wheel)
        try:
            root.rename(folder)
        except OSError:
            if not folder.is_dir():  # another process of this machine was faster
                raise


def _write(root: Path, wheel: Wheel) -> None:
    for name, content in members(wheel):
        path = root / name
        # `read_wheel` refused links and `..`; two wheels of one plugin may hold the same file all the same.
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if path.exists():
            if path.read_bytes() != content and ".dist-info/" not in name:
                raise InputError(f"{wheel.filename} brings {name}, which another package brings too")
            continue
        path.write_bytes(content)


def load(folder: Path, entry_point: str, manifest: dict[str, Any]) -> Plugin:
    """Import the plugin. Raises InputError when it declares something else than what was approved."""
    place = str(folder)
    if place not in sys.path:
        sys.path.append(place)
    importlib.invalidate_caches()
    module_name, _, attribute = entry_point.partition(":")
    taken = sys.modules.get(module_name.strip().partition(".")[0])
    if taken is not None and not _below(taken, folder):
        raise InputError(f"its package {module_name.partition('.')[0]} is that of something else here")
    found: Any = importlib.import_module(module_name.strip())
    for part in filter(None, attribute.strip().split(".")):
        found = getattr(found, part)
    if not _below(sys.modules[module_name.strip()], folder):
        raise InputError(f"{module_name.strip()} is that of something else here")
    if not isinstance(found, Plugin):
        raise InputError(f"{entry_point} is no Plugin")
    if different := differences(found, manifest):
        raise InputError(
            f"it declares something else than its manifest, which was approved: {', '.join(different)}"
        )
    return found


def unload(folder: Path) -> None:
    """Forget the modules of a folder, and take it from Python's path. What runs of it runs to its end."""
    place = str(folder)
    for name, module in list(sys.modules.items()):
        if _below(module, folder):
            del sys.modules[name]
    while place in sys.path:
        sys.path.remove(place)
    sys.path_importer_cache.pop(place, None)
    importlib.invalidate_caches()


def _below(module: Any, folder: Path) -> bool:
    places = [getattr(module, "__file__", None), *(getattr(module, "__path__", None) or ())]
    return any(place is not None and Path(place).is_relative_to(folder) for place in places)


def discard(folder: Path) -> None:
    """Delete the folder of one version, and that of its plugin when it was the last one."""
    shutil.rmtree(folder, ignore_errors=True)
    with contextlib.suppress(OSError):  # another version is there
        folder.parent.rmdir()


def tidy(data: Path, used: Iterable[Path]) -> None:
    """Delete the folders that no plugin uses any more, and what an unpacking that was killed left behind."""
    kept = set(used)
    root = data / FOLDER
    if not root.is_dir():
        return
    for plugin in root.iterdir():
        if not plugin.is_dir() or plugin.is_symlink():
            continue
        for folder in plugin.iterdir():
            fresh = folder.name.startswith(".") and time.time() - folder.stat().st_mtime < UNPACKING
            if folder not in kept and not fresh:
                shutil.rmtree(folder, ignore_errors=True)
        with contextlib.suppress(OSError):  # another version is there
            plugin.rmdir()
