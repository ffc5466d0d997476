"""The Jinja environment of all pages: every text is escaped, every variable must exist."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import nh3
import orjson
from jinja2 import BaseLoader, ChoiceLoader, Environment, FileSystemLoader, PrefixLoader, StrictUndefined
from markdown_it import MarkdownIt
from markupsafe import Markup, escape

from callboard.core.errors import InputError
from callboard.model.refs import parse_ref
from callboard.web.assets import Assets
from callboard.web.compiled import Compiled
from callboard.web.contributions import Templates
from callboard.web.icons import icon_name
from callboard.web.language import in_template, in_template_plural

KIT = Path(__file__).parent / "templates"
SAFE_SCHEMES = {"http", "https", "mailto"}
_MARKDOWN = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable(["table", "strikethrough"])
_TAGS = nh3.ALLOWED_TAGS - {"img", "map", "area"}  # a picture elsewhere would tell who reads
_STEPS = ((60, "second", 1), (3600, "minute", 60), (86400, "hour", 3600), (86400 * 30, "day", 86400))


_COMPILED = Compiled()


def environment(folders: Iterable[Templates], assets: Assets) -> Environment:
    """Finds `layout.html` and `components/…` in the kit, `<feature>/…` in the folders of the plugins."""
    prefixed: dict[str, BaseLoader] = {one.feature: FileSystemLoader(one.folder) for one in folders}
    made = Environment(
        loader=ChoiceLoader([FileSystemLoader(KIT), PrefixLoader(prefixed)]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
        auto_reload=False,
        cache_size=-1,
        bytecode_cache=_COMPILED,
    )
    made.install_gettext_callables(in_template, in_template_plural, newstyle=False)  # type: ignore[attr-defined]  # the extension adds it
    made.globals.update(
        _=in_template,  # the extension's own looks `gettext` up at each call, and pages have hundreds
        asset=assets.url,
        icon=lambda name, label="": _icon(assets, name, label),
        entity_path=entity_path,
        kind_icon=icon_name,
        query_string=query_string,
    )
    made.filters.update(
        safe_url=safe_url,
        markdown=markdown,
        ago=ago,
        day_time=day_time,
        short_ref=short_ref,
        json=_json,
    )
    return made


def compile_all(templates: Environment) -> None:
    """Compile every template, which takes up to 50 ms each, so that no visitor waits for it."""
    for name in templates.list_templates(["html"]):
        templates.get_template(name)


def entity_path(ref: str, tab: str = "") -> str:
    """The path of an entity's page, or of one of its tabs. What is no reference leads to the search."""
    try:
        parsed = parse_ref(ref, default_kind="component")
    except InputError:
        return f"/search?{urlencode({'term': ref})}"
    parts = (parsed.namespace.lower(), parsed.kind.lower(), parsed.name)
    path = "/catalog/" + "/".join(quote(part, safe="") for part in parts)
    return f"{path}/{tab}" if tab else path


def short_ref(ref: str, kind: str = "") -> str:
    """A reference as people say it: without the default namespace, and without `kind` where it is known."""
    head, _, rest = ref.partition(":")
    head, rest = (head, rest) if rest else ("", head)
    rest = rest.removeprefix("default/")
    return rest if not head or head == kind else f"{head}:{rest}"


def query_string(parameters: Mapping[str, Any] | Iterable[tuple[str, str]]) -> str:
    """Parameters as `?a=1&b=2`, or nothing at all; a list gives its key several times."""
    text = urlencode(parameters if isinstance(parameters, Mapping) else list(parameters), doseq=True)
    return f"?{text}" if text else ""


def safe_url(url: object) -> str:
    """An external address fit for a link: http, https, mailto, or a path of ours; else nothing."""
    text = str(url).strip()
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    if parts.scheme.lower() in SAFE_SCHEMES:
        return text
    local = not parts.scheme and not parts.netloc and text[:1] in ("/", "#") and text[:2] not in ("//", "/\\")
    return text if local else ""


def markdown(text: object) -> Markup:
    """CommonMark as HTML with an allow-list of tags; raw HTML in it stays text."""
    html = _MARKDOWN.render(str(text))
    clean = nh3.clean(
        html,
        tags=_TAGS,
        attributes={"a": {"href", "title"}},
        url_schemes=SAFE_SCHEMES,
        link_rel="noopener nofollow",
    )
    return Markup(clean)  # noqa: S704 - nh3 has just cleaned it


def day_time(seconds: float) -> str:
    """ISO 8601 in UTC, as `<time datetime>` wants it."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def ago(seconds: float, now: float | None = None) -> str:
    """How long ago, in one unit; past a month the date."""
    now = datetime.now(UTC).timestamp() if now is None else now
    past = now - seconds
    distance = abs(past)
    if distance < 10:
        return "just now"
    for limit, unit, size in _STEPS:
        if distance < limit:
            # What comes is told by the nearest unit: a token for 30 days is not one for 29, a second later.
            count = int(distance // size) if past > 0 else round(distance / size)
            text = f"{count} {unit}{'s' if count != 1 else ''}"
            return f"{text} ago" if past > 0 else f"in {text}"
    return datetime.fromtimestamp(seconds, UTC).strftime("%-d %B %Y")


def _icon(assets: Assets, name: str, label: str) -> Markup:
    """An icon of the sprite; without a label it is decoration, which screen readers pass over."""
    said = f'role="img" aria-label="{escape(label)}"' if label else 'aria-hidden="true"'
    use = f'<use href="{assets.url("icons.svg")}#{escape(name)}"></use>'
    return Markup(f'<svg class="icon" {said} width="20" height="20">{use}</svg>')  # noqa: S704 - escaped above


def _json(value: Any) -> str:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()
