"""Pages of other origins that may use the API: `backend.cors`, off unless it is configured.

The answers are Starlette's; here is which origins match, by the patterns that Backstage takes.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp

from callboard.core.config import Config
from callboard.core.errors import ConfigError

_KEY = "backend.cors"
_METHODS = ("GET", "HEAD", "PUT", "PATCH", "POST", "DELETE")
_MAX_AGE = 600  # seconds a browser may keep the answer to its question
_TOKEN = re.compile(r"[?@]\(([^()]*)\)|\{([^{}]*)\}|\*+|\?|\[([^\[\]/]+)\]")


@dataclass(frozen=True, slots=True)
class Cors:
    """`origins` is a regular expression that a whole origin must match."""

    origins: str
    methods: tuple[str, ...] = _METHODS
    allowed_headers: tuple[str, ...] = ("*",)
    exposed_headers: tuple[str, ...] = ()
    credentials: bool = False
    max_age: int = _MAX_AGE

    @property
    def trusts(self) -> Callable[[str], bool]:
        """For `Edge`: whether pages of an origin may change things with their visitors' cookies."""
        pattern = re.compile(self.origins)
        return lambda origin: self.credentials and pattern.fullmatch(origin.lower()) is not None

    def around(self, app: ASGIApp) -> ASGIApp:
        """The application with the answers to preflights, and with the headers that let origins read."""
        return CORSMiddleware(
            app,
            allow_origin_regex=f"(?i:{self.origins})",
            allow_methods=self.methods,
            allow_headers=self.allowed_headers,
            allow_credentials=self.credentials,
            expose_headers=self.exposed_headers,
            max_age=self.max_age,
        )


def read_cors(config: Config) -> Cors | None:
    """The settings; None where none are made or no origin is named. ConfigError for what is no setting."""
    if config.get(_KEY) in (None, False):
        return None
    config.mapping(_KEY)
    patterns = _texts(config, "origin")
    if not patterns:
        return None
    return Cors(
        origins="|".join(pattern_of(one) for one in patterns),
        methods=tuple(one.upper() for one in _texts(config, "methods")) or _METHODS,
        allowed_headers=_texts(config, "allowedHeaders") or ("*",),
        exposed_headers=_texts(config, "exposedHeaders"),
        credentials=config.boolean(f"{_KEY}.credentials", False),
        max_age=config.integer(f"{_KEY}.maxAge", _MAX_AGE),
    )


def pattern_of(glob: str) -> str:
    """A pattern such as `https://*.example.com` as a regular expression, in lower case.

    `*` and `?` stop at slashes, hence `*` alone matches no origin at all; `{a,b}`, `@(a|b)`, `?(a|b)` and
    `[abc]` are alternatives. None of them is nested.
    """
    parts: list[str] = []
    place = 0
    glob = glob.strip().lower()
    for match in _TOKEN.finditer(glob):
        parts.append(re.escape(glob[place : match.start()]))
        parts.append(_wildcard(match))
        place = match.end()
    return "".join([*parts, re.escape(glob[place:])])


def _wildcard(match: re.Match[str]) -> str:
    text = match[0]
    if text.startswith("*"):
        return "[^/]*"
    if text == "?":
        return "[^/]"
    if match[1] is not None:
        return f"(?:{_alternatives(match[1].split('|'))}){'?' if text.startswith('?') else ''}"
    if match[2] is not None:
        return f"(?:{_alternatives(match[2].split(','))})"
    return f"[{re.escape(match[3])}]"


def _alternatives(texts: list[str]) -> str:
    return "|".join(re.escape(text) for text in texts)


def _texts(config: Config, name: str) -> tuple[str, ...]:
    """A text, a list of texts, or nothing; methods and headers may also stand in one text with commas."""
    key = f"{_KEY}.{name}"
    given: Any = config.get(key, [])
    if isinstance(given, str):
        given = [given] if name == "origin" else given.split(",")
    if not isinstance(given, list) or not all(isinstance(one, str) for one in given):
        raise ConfigError([config.problem(key, "must be a text or a list of texts")])
    return tuple(one.strip() for one in given if one.strip())
