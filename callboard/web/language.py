"""The language of a page: texts go through gettext, with the translations that plugins contribute.

Without a translation the texts are English, as they stand in templates and code.
"""

from __future__ import annotations

import gettext
from collections.abc import Iterable
from contextvars import ContextVar
from typing import Any

from markupsafe import Markup, escape

from callboard.web.contributions import Languages

DOMAIN = "callboard"
ENGLISH = "en"
_current: ContextVar[gettext.NullTranslations | None] = ContextVar("translations", default=None)


class Texts:
    """Every language that can be chosen; `known` are their codes, English always among them."""

    def __init__(self, contributed: Iterable[Languages]) -> None:
        self._found: dict[str, gettext.NullTranslations] = {ENGLISH: gettext.NullTranslations()}
        for languages in contributed:
            for path in sorted(languages.folder.glob(f"*/LC_MESSAGES/{DOMAIN}.mo")):
                with path.open("rb") as file:
                    translations = gettext.GNUTranslations(file)
                code = path.parents[1].name
                if code in self._found:  # several plugins may translate into one language
                    translations.add_fallback(self._found[code])
                self._found[code] = translations
        self.known = tuple(self._found)

    def chosen(self, wanted: str | None, accepted: str) -> str:
        """The code of what the visitor set, else of the first of the browser's languages that is known."""
        ranked = sorted(_accepted(accepted), key=lambda one: -one[1])
        for code in [wanted or "", *(code for code, _ in ranked)]:
            for known in (code, code.partition("-")[0]):
                if known in self._found:
                    return known
        return ENGLISH

    def use(self, code: str) -> None:
        """Texts of the page that is made next are of this language."""
        _current.set(self._found[code])


def translated(text: str) -> str:
    """A text of the code in the language in use."""
    translations = _current.get()
    return text if translations is None else translations.gettext(text)


def in_template(text: str, **values: Any) -> Markup:
    """What `_()` is in templates: `%(name)s` stands for a value. Both text and values are escaped, so that
    even a text that somebody else wrote does no harm."""
    message = escape(translated(text))
    return message % values if values else message


def in_template_plural(one: str, many: str, count: int, **values: Any) -> Markup:
    """What `ngettext()` is in templates; `%(num)s` is the count."""
    translations = _current.get() or gettext.NullTranslations()
    return escape(translations.ngettext(one, many, count)) % {"num": count, **values}


def _accepted(header: str) -> Iterable[tuple[str, float]]:
    """The pairs of language and weight of an Accept-Language header (RFC 9110, 12.5.4)."""
    for part in header.split(",")[:20]:
        code, _, weight = part.partition(";q=")
        try:
            yield code.strip(), float(weight) if weight else 1.0
        except ValueError:
            continue
