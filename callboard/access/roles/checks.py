"""Finds every mistake in a policies document: its shape, and whether what it speaks of exists. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import Any, get_args

import jsonschema_rs

from callboard.access.permissions.criteria import DEEPEST
from callboard.access.permissions.types import Action, Permission, PermissionRule
from callboard.access.roles.document import EVERYONE, Known
from callboard.access.roles.placeholders import CURRENT_USER, OWNER_REFS, filled, is_unknown
from callboard.core.errors import InputError, Path
from callboard.model.refs import parse_ref

MAX_NAME, MAX_TITLE, MAX_DESCRIPTION, MAX_REF = 63, 200, 2000, 300
MAX_PROBLEMS = 100
ACTIONS: tuple[str, ...] = get_args(Action)
_NAME = re.compile(r"[a-z0-9]+(?:[-_.][a-z0-9]+)*")
_PATTERN = re.compile(r"[a-zA-Z0-9.*_-]+")
_COMBINED = ("allOf", "anyOf", "not")
_SAMPLE_USER, _SAMPLE_OWNS = "user:default/someone", ("user:default/someone", "group:default/some")


class Checks:
    """Walks a document; `problems` are the mistakes so far, as paths and messages.

    Every value is JSON that somebody wrote, hence Any. Without `known` only shapes are checked.
    """

    def __init__(self, known: Known | None) -> None:
        self.problems: list[tuple[Path, str]] = []
        self._known = known
        self._validators: dict[tuple[str, str], Any] = {}  # Any: jsonschema_rs has a class per draft

    def document(self, value: Any) -> None:
        if not self._object(value, (), {"roles"}, {"roles"}):
            return
        names: set[str] = set()
        for at, role in enumerate(self._list(value.get("roles"), ("roles",))):
            self._role(role, ("roles", at), names)

    def _role(self, value: Any, path: Path, names: set[str]) -> None:
        if not self._object(value, path, {"name"}, {"name", "title", "description", "members", "grants"}):
            return
        name = value.get("name")
        if isinstance(name, str):
            if not _NAME.fullmatch(name) or len(name) > MAX_NAME:
                self._wrong(
                    (*path, "name"),
                    f"must be at most {MAX_NAME} lower-case letters and digits, parted by -, _ or .",
                )
            elif name in names:
                self._wrong((*path, "name"), f'another role is called "{name}" already')
            names.add(name)
        elif name is not None:
            self._wrong((*path, "name"), "must be text")
        self._text(value, path, "title", MAX_TITLE)
        self._text(value, path, "description", MAX_DESCRIPTION)
        members: set[str] = set()
        for at, member in enumerate(self._list(value.get("members"), (*path, "members"))):
            self._member(member, (*path, "members", at), members)
        for at, grant in enumerate(self._list(value.get("grants"), (*path, "grants"))):
            self.grant(grant, (*path, "grants", at))

    def _member(self, value: Any, path: Path, members: set[str]) -> None:
        if wrong := wrong_member(value):
            self._wrong(path, wrong)
        elif value.lower() in members:
            self._wrong(path, f'"{value}" is a member already')
        else:
            members.add(value.lower())

    def grant(self, value: Any, path: Path) -> None:
        """One grant."""
        allowed = {"permission", "action", "effect", "conditions"}
        if not self._object(value, path, {"permission", "effect"}, allowed):
            return
        action, name = value.get("action"), value.get("permission")
        if action is not None and action not in ACTIONS:
            self._wrong((*path, "action"), f"must be one of {', '.join(ACTIONS)}")
            action = None
        if (effect := value.get("effect")) is not None and effect not in ("allow", "deny"):
            self._wrong((*path, "effect"), "must be allow or deny")
        if not isinstance(name, str) or not _PATTERN.fullmatch(name):
            if name is not None:
                self._wrong((*path, "permission"), "must be the name of a permission; * stands for any text")
            name = ""
        else:
            self._permission(name, action, path)
        if value.get("conditions") is not None:
            self.conditions(value["conditions"], (*path, "conditions"), name, action)

    def _permission(self, name: str, action: str | None, path: Path) -> None:
        if self._known is None or len(self.problems) >= MAX_PROBLEMS:  # hints cost time
            return
        named = [one for one in self._known.permissions if fnmatchcase(one.name, name)]
        if not named:
            what = "no permission matches" if "*" in name else "there is no permission"
            near = get_close_matches(name, [one.name for one in self._known.permissions], 1)
            hint = f'; did you mean "{near[0]}"?' if near else ""
            self._wrong((*path, "permission"), f'{what} "{name}"{hint}')
        elif action is not None and not any(one.action == action for one in named):
            self._wrong((*path, "action"), f'no permission that matches "{name}" has the action {action}')

    def conditions(self, value: Any, path: Path, permission: str = "", action: str | None = None) -> None:
        """Conditions of a grant of `permission`, a name or pattern; empty when it is not known."""
        types: dict[str, Path] = {}
        self._criteria(value, path, types, 0)
        if len(types) > 1:
            first, *others = types
            for other in others:
                self._wrong(types[other], f'is "{other}", but all rules of a grant must be about "{first}"')
        elif types and permission and self._known is not None:
            (type_,) = types
            if (named := self._named(permission, action)) and not any(
                one.resource_type == type_ for one in named
            ):
                self._wrong(types[type_], f'"{permission}" is not about resources of the type "{type_}"')

    def _named(self, pattern: str, action: str | None) -> list[Permission]:
        permissions = self._known.permissions if self._known else ()
        return [
            one
            for one in permissions
            if fnmatchcase(one.name, pattern) and (action is None or one.action == action)
        ]

    def _criteria(self, value: Any, path: Path, types: dict[str, Path], depth: int) -> None:
        if depth > DEEPEST:
            self._wrong(path, f"is nested deeper than {DEEPEST} levels")
            return
        if not isinstance(value, Mapping):
            self._wrong(path, "must be a mapping with allOf, anyOf, not, or rule and resourceType")
            return
        combined = [key for key in _COMBINED if key in value]
        if not combined:
            self._rule(value, path, types)
        elif len(value) > 1:
            other = next(key for key in value if key != combined[0])
            self._wrong(
                (*path, other), f'cannot stand beside "{combined[0]}"; put both below an allOf or anyOf'
            )
        elif combined[0] == "not":
            self._criteria(value["not"], (*path, "not"), types, depth + 1)
        else:
            inner = (*path, combined[0])
            parts = value[combined[0]]
            if not isinstance(parts, list) or not parts:
                self._wrong(inner, "must be a list that is not empty")
                return
            for at, part in enumerate(parts):
                self._criteria(part, (*inner, at), types, depth + 1)

    def _rule(self, value: Mapping[str, Any], path: Path, types: dict[str, Path]) -> None:
        if not self._object(value, path, {"rule", "resourceType"}, {"rule", "resourceType", "params"}):
            return
        name, type_, params = value.get("rule"), value.get("resourceType"), value.get("params")
        if name is not None and not isinstance(name, str):
            self._wrong((*path, "rule"), "must be text")
        if type_ is not None and not isinstance(type_, str):
            self._wrong((*path, "resourceType"), "must be text")
        if params is not None and not isinstance(params, dict):
            self._wrong((*path, "params"), "must be a mapping")
            params = None
        for key, one in (params or {}).items():
            self._param(one, (*path, "params", key))
        if not isinstance(name, str) or not isinstance(type_, str):
            return
        types.setdefault(type_, (*path, "resourceType"))
        if self._known is None:
            return
        rules = [one for one in self._known.rules if one.resource_type == type_]
        rule = next((one for one in rules if one.name == name), None)
        if not rules:
            known = sorted({one.resource_type for one in self._known.rules})
            self._wrong((*path, "resourceType"), f'no rule is about "{type_}"; known are {", ".join(known)}')
        elif rule is None:
            names = ", ".join(sorted(one.name for one in rules))
            self._wrong((*path, "rule"), f'there is no rule "{name}" about "{type_}"; known are {names}')
        else:
            self._params(params or {}, rule, (*path, "params"), path)

    def _param(self, value: Any, path: Path) -> None:
        if isinstance(value, dict):
            self._wrong(path, "must be text, a number, true, false, or a list of them")
        elif isinstance(value, list):
            for at, item in enumerate(value):
                self._param(item, (*path, at))
        elif isinstance(value, str) and is_unknown(value):
            self._wrong(path, f'"{value}" is no placeholder; there are {CURRENT_USER} and {OWNER_REFS}')

    def _params(self, params: dict[str, Any], rule: PermissionRule, path: Path, whole: Path) -> None:
        """Against the schema of the rule, with the placeholders filled as for some user."""
        key = rule.resource_type, rule.name
        if key not in self._validators:
            schema = dict(rule.params)
            self._validators[key] = jsonschema_rs.validator_for(schema, validate_formats=False, offline=True)
        sample = {key: _listed(filled(one, _SAMPLE_USER, _SAMPLE_OWNS)) for key, one in params.items()}
        for error in self._validators[key].iter_errors(sample):
            # A list with $ownerRefs in it grew: only the parameter itself is a safe place to name.
            inner = tuple(error.instance_path)[:1]
            self._wrong((*path, *inner) if params else whole, error.message)

    def _object(self, value: Any, path: Path, required: set[str], allowed: set[str]) -> bool:
        if not isinstance(value, Mapping):
            self._wrong(path, "must be a mapping")
            return False
        for key in value:
            if key not in allowed:
                near = get_close_matches(str(key), allowed, 1)
                hint = f'did you mean "{near[0]}"?' if near else f"allowed are {', '.join(sorted(allowed))}"
                self._wrong((*path, str(key)), f"is not known here; {hint}")
        for key in sorted(required):
            if value.get(key) is None:
                self._wrong((*path, key), "is required")
        return True

    def _list(self, value: Any, path: Path) -> list[Any]:
        if value is None:
            return []
        if not isinstance(value, list):
            self._wrong(path, "must be a list")
            return []
        return value

    def _text(self, value: Mapping[str, Any], path: Path, key: str, longest: int) -> None:
        text = value.get(key)
        if text is None:
            return
        if not isinstance(text, str):
            self._wrong((*path, key), "must be text")
        elif len(text) > longest:
            self._wrong((*path, key), f"must have at most {longest} characters")

    def _wrong(self, path: Path, message: str) -> None:
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append((path, message))


def wrong_member(value: Any) -> str:
    """What is wrong with a member of a role; nothing when it is fine."""
    if not isinstance(value, str):
        return "must be the reference of a user or group, or *"
    if value == EVERYONE:
        return ""
    if len(value) > MAX_REF or any(character.isspace() for character in value):
        return "is not the reference of a user or group"
    try:
        ref = parse_ref(value)
    except InputError as error:
        return str(error)
    if ref.kind.lower() not in ("user", "group"):
        return f'"{value}" is neither a user nor a group'
    if str(ref) != value.lower():
        return f'write "{ref}" in full'
    return ""


def _listed(value: Any) -> Any:
    return [_listed(item) for item in value] if isinstance(value, tuple) else value
