"""Reads the texts of the site itself: courses, blog and plain pages, which are Markdown with front matter."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from callboard.core.errors import ConfigError, Problem
from callboard.core.yaml import read_documents
from callboard.marketplace.site.links import ROOT
from callboard.marketplace.site.prose import minutes

FOLDER = Path(__file__).parent / "content"
FIXED = ("about", "faq", "terms")
"""Pages that every site has."""
_FRONT = re.compile(r"\A---\n(.*?)\n---\n(.*)\Z", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Question:
    """A knowledge check: one of the `answers` is right, and `why` says so."""

    text: str
    answers: tuple[str, ...]
    right: int
    why: str


@dataclass(frozen=True, slots=True)
class Text:
    """A Markdown file. `slug` is its name; `minutes` how long it takes to read."""

    slug: str
    title: str
    summary: str
    body: str
    minutes: int
    day: date | None = None
    kind: str = ""
    questions: tuple[Question, ...] = ()


@dataclass(frozen=True, slots=True)
class Course:
    """Chapters in their order."""

    slug: str
    title: str
    summary: str
    chapters: tuple[Text, ...]

    @property
    def minutes(self) -> int:
        return sum(one.minutes for one in self.chapters)

    def chapter(self, slug: str) -> tuple[int, Text] | None:
        """A chapter with its number, from 0."""
        found = ((at, one) for at, one in enumerate(self.chapters) if one.slug == slug)
        return next(found, None)


@dataclass(frozen=True, slots=True)
class Content:
    """All texts of the site, the newest post first."""

    courses: tuple[Course, ...]
    posts: tuple[Text, ...]
    pages: tuple[Text, ...]

    def course(self, slug: str) -> Course | None:
        return next((one for one in self.courses if one.slug == slug), None)

    def post(self, slug: str) -> Text | None:
        return next((one for one in self.posts if one.slug == slug), None)

    def page(self, slug: str) -> Text | None:
        return next((one for one in self.pages if one.slug == slug), None)


def page_path(slug: str) -> str:
    """Where a plain page stands."""
    return f"{ROOT}/{slug}" if slug in FIXED else f"{ROOT}/pages/{slug}"


def further(content: Content) -> tuple[tuple[str, str], ...]:
    """The pages that the operator added, by title and path."""
    return tuple((one.title, page_path(one.slug)) for one in content.pages if one.slug not in FIXED)


@cache
def content(own: Path | None = None) -> Content:
    """Our texts, with those in a folder of the operator in their place; read once, as they change seldom.

    Its courses (`learn`) and its posts (`blog`) stand instead of all of ours, its `pages` each instead of one
    of ours with the same name. Raises ConfigError for a text that cannot be read, naming file and field.
    """
    ours = _content(FOLDER)
    if own is None:
        return ours
    theirs = _content(own)
    pages = {one.slug: one for one in (*ours.pages, *theirs.pages)}
    return Content(theirs.courses or ours.courses, theirs.posts or ours.posts, tuple(pages.values()))


def _content(folder: Path) -> Content:
    posts = sorted(_texts(folder / "blog"), key=lambda one: (one.day or date.min, one.slug), reverse=True)
    courses = (_course(one.parent) for one in sorted(folder.glob("learn/*/course.md")))
    return Content(tuple(courses), tuple(posts), tuple(_texts(folder / "pages")))


def _course(folder: Path) -> Course:
    """A folder with `course.md`, which says what it is, and chapters that begin with their number."""
    about = _text(folder / "course.md")
    chapters = (_text(path) for path in sorted(folder.glob("[0-9]*.md")))
    return Course(folder.name, about.title, about.summary, tuple(chapters))


def _texts(folder: Path) -> Iterable[Text]:
    return (_text(path) for path in sorted(folder.glob("*.md")))


def _text(path: Path) -> Text:
    front, body = _read(path)
    day = front.get("date")
    try:
        return Text(
            slug=re.sub(r"\A\d+-", "", path.stem) if path.stem[:1].isdigit() and not day else path.stem,
            title=str(front["title"]),
            summary=str(front["summary"]),
            body=body,
            minutes=minutes(body),
            day=date.fromisoformat(str(day)) if day else None,
            kind=str(front.get("kind", "")),
            questions=tuple(_question(one) for one in front.get("check", ())),
        )
    except KeyError as error:
        raise _wrong(path, "is missing", str(error.args[0])) from None
    except (ValueError, TypeError) as error:
        raise _wrong(path, f"is not as it should be: {error}", "date" if day else "check") from None


def _question(one: dict[str, Any]) -> Question:  # YAML, hence Any
    answers = tuple(str(answer) for answer in one["answers"])
    return Question(str(one["question"]), answers, int(one["right"]) - 1, str(one["why"]))


def _read(path: Path) -> tuple[dict[str, Any], str]:
    """The front matter (YAML, hence Any) and the text."""
    try:
        found = _FRONT.match(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise _wrong(path, f"cannot be read: {error}") from None
    if found is None:
        raise _wrong(path, "needs a first line `---`, then title and summary, then `---`")
    documents = read_documents(found[1] + "\n", str(path))
    value = documents[0].value if documents else None
    if not isinstance(value, dict):
        problem = documents[0].problem if documents else None
        raise _wrong(path, f"has a front matter that is no mapping{f': {problem}' if problem else ''}")
    return value, found[2].strip()


def _wrong(path: Path, message: str, field: str = "") -> ConfigError:
    return ConfigError([Problem(message, source=str(path), path=(field,) if field else ())])
