"""Brings the sources of configuration together in Backstage's order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path as FilePath

from ..errors import ConfigError, Problem
from .environment import environment_overrides
from .files import UnreadableError
from .nodes import Node, Origin, merge
from .transform import Transform
from .values import Config

_MAIN = "app-config.yaml"
_LOCAL = "app-config.local.yaml"


def load_config(paths: Sequence[FilePath], env: Mapping[str, str], *, include_local: bool = True) -> Config:
    """Files in order, then `app-config.local.yaml` beside an `app-config.yaml`, then APP_CONFIG_ variables.

    Later ones win: mappings merge, all else replaces. Raises ConfigError with every problem of every source.
    """
    problems: list[Problem] = []
    files = [*paths, *_local_files(paths)] if include_local else list(paths)
    folder = files[0].absolute().parent if files else FilePath.cwd()
    merged = Node({}, Origin(str(files[0]) if files else "configuration", folder))
    transform = Transform(env, problems)
    for path in files:
        try:
            merged = merge(merged, transform.file(path))
        except UnreadableError as error:
            problems.append(error.problem)
    overrides = environment_overrides(env, folder, problems)
    if overrides is not None:
        merged = Node(merge(merged, overrides).value, merged.origin)
    if problems:
        raise ConfigError(problems)
    return Config(merged, files)


def _local_files(paths: Sequence[FilePath]) -> list[FilePath]:
    given = {path.resolve() for path in paths}
    beside = dict.fromkeys(path.parent / _LOCAL for path in paths if path.name == _MAIN)
    return [path for path in beside if path.is_file() and path.resolve() not in given]
