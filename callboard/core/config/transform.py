"""Fills in what a configuration file refers to: `${ENV}`, `$env`, `$file`, `$include`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path as FilePath

from ..errors import Path, Problem
from .files import UnreadableError, read_config, read_text
from .nodes import Node

_SUBSTITUTION = re.compile(r"(\$?\$\{[^{}]*\})")
_PARSED = (".yaml", ".yml", ".json")

# The included parts on the way to a value, as (file, dotted path): meeting one again is a cycle.
Chain = tuple[tuple[str, str], ...]


class Transform:
    """Transforms the nodes of configuration files with one environment; mistakes go to `problems`."""

    def __init__(self, env: Mapping[str, str], problems: list[Problem]) -> None:
        self._env = env
        self._problems = problems

    def file(self, path: FilePath) -> Node:
        """A whole file with its references filled in. Raises UnreadableError."""
        root = read_config(path, self._problems)
        if not isinstance(root.value, dict):
            raise UnreadableError(root.origin.problem("the file must hold a mapping"))
        chain = ((str(path.resolve()), ""),)
        done = self._mapping(root, (), chain)
        return Node(done, root.origin)

    def _node(self, node: Node, path: Path, chain: Chain) -> Node | None:
        """The node filled in; None when it is undefined because a variable is not set."""
        if isinstance(node.value, str):
            text = self._text(node.value)
            return None if text is None else Node(text, node.origin)
        if isinstance(node.value, list):
            items = [self._node(item, (*path, number), chain) for number, item in enumerate(node.value)]
            return Node([item for item in items if item is not None], node.origin)
        if isinstance(node.value, dict):
            reference = next((key for key in node.value if key.startswith("$")), None)
            if reference is not None:
                try:
                    return self._reference(node, reference, path, chain)
                except UnreadableError as error:
                    self._problems.append(error.problem)
                    return None
            return Node(self._mapping(node, path, chain), node.origin)
        return node

    def _mapping(self, node: Node, path: Path, chain: Chain) -> dict[str, Node]:
        done = {key: self._node(item, (*path, key), chain) for key, item in node.value.items()}
        return {key: item for key, item in done.items() if item is not None}

    def _text(self, text: str) -> str | None:
        if "${" not in text:
            return text
        parts = _SUBSTITUTION.split(text)
        for place in range(1, len(parts), 2):
            part = parts[place]
            if part.startswith("$$"):
                parts[place] = part[1:]
                continue
            name, separator, default = part[2:-1].partition(":-")
            value = self._variable(name)
            # As in a shell, ":-" also stands in for an empty variable.
            if separator and not value:
                value = default
            if value is None:
                return None
            parts[place] = value
        return "".join(parts)

    def _variable(self, name: str) -> str | None:
        value = self._env.get(name.strip())
        return None if value is None else value.strip()

    def _reference(self, node: Node, kind: str, path: Path, chain: Chain) -> Node | None:
        argument = node.value[kind]
        if len(node.value) > 1:
            raise _wrong(argument, path, f"{kind} must stand alone in its mapping")
        if not isinstance(argument.value, str):
            raise _wrong(argument, path, f"{kind} must be text")
        target = self._text(argument.value)
        if target is None:
            return None
        if kind == "$env":
            value = self._variable(target)
            return None if value is None else Node(value, node.origin)
        if kind not in ("$file", "$include"):
            raise _wrong(argument, path, f"unknown reference {kind}; known are $env, $file, $include")
        if kind == "$include":
            return self._include(argument, target, path, chain)
        with _asked_for_by(argument, path):
            return Node(read_text(argument.origin.folder / target).rstrip(), node.origin)

    def _include(self, argument: Node, target: str, path: Path, chain: Chain) -> Node | None:
        name, _, dotted = target.partition("#")
        file = argument.origin.folder / name
        if file.suffix.lower() not in _PARSED:
            raise _wrong(argument, path, "$include reads only .yaml, .yml and .json files; use $file")
        link = (str(file.resolve()), dotted)
        if link in chain:
            raise _wrong(argument, path, "$include leads back to itself")
        with _asked_for_by(argument, path):
            found = read_config(file, self._problems)
        for part in dotted.split(".") if dotted else ():
            if not isinstance(found.value, dict):
                raise _wrong(argument, path, f'$include "{argument.value}" leads into what is no mapping')
            inner = found.value.get(part)
            if inner is None:
                return None
            found = inner
        return self._node(found, path, (*chain, link))


def _wrong(node: Node, path: Path, message: str) -> UnreadableError:
    return UnreadableError(node.origin.problem(message, path))


@contextmanager
def _asked_for_by(argument: Node, path: Path) -> Iterator[None]:
    """Shows a file that cannot be opened where it is asked for; one with a mistake inside shows itself."""
    try:
        yield
    except UnreadableError as error:
        if error.problem.line is not None:
            raise
        # As written: the real name may hold a variable.
        raise _wrong(argument, path, f'"{argument.value}" {error.problem.message}') from None
