"""Entities that break a format rule of the envelope: one case for each rule and way to break it."""

from __future__ import annotations

from tests.malformed.case import Case, Mistake, component, one

LONG = "a" * 64
SPEC = "type: service\nlifecycle: production\nowner: crew"


def _with(name: str, metadata: str, message: str, field: str) -> Case:
    return one(name, component("NAME-in-it", metadata=metadata), message, f"metadata.{field}")


def _named(
    name: str, written: str, message: str = "is not valid; expected a string that is sequences"
) -> Case:
    return one(name, component(f"{written} #!"), message, "metadata.name")


def _root(name: str, old: str, new: str, message: str, field: str) -> Case:
    return one(name, component("NAME-in-it").replace(old, f"{new} #!", 1), message, field)


def _link(name: str, url: str, message: str) -> Case:
    return _with(name, f"links:\n  - url: {url} #!", message, "links[0].url")


def _spec(name: str, lines: str, message: str, field: str) -> Case:
    return one(name, component("NAME-in-it", spec=lines), message, f"spec.{field}")


VERSION = "apiVersion: backstage.io/v1alpha1"
SEQUENCES = "is not valid; expected a string that is sequences"
EMPTY = "expected a string that is not empty"
REFUSED = "is refused: a link of scheme"

CASES = [
    _named("name-with-a-blank", "two words"),
    _named("name-with-a-slash", "a/b"),
    _named("name-with-an-umlaut", "gerät"),
    _named("name-begins-with-a-dash", "-lamp-NAME"),
    _named("name-ends-with-a-dot", "lamp-NAME."),
    _named("name-too-long", LONG),
    one("name-beyond-storage", component("b" * 600 + " #!"), "at most 500 can be stored", "metadata.name"),
    _named("name-of-emoji", '"🛋️"'),
    _named("name-climbs", "../../etc"),
    _with("namespace-in-upper-case", "namespace: Upper #!", SEQUENCES, "namespace"),
    _with("namespace-with-a-dot", "namespace: a.b #!", SEQUENCES, "namespace"),
    _with("namespace-too-long", f"namespace: {LONG} #!", SEQUENCES, "namespace"),
    _with("title-empty", 'title: "" #!', EMPTY, "title"),
    _with("title-is-a-number", "title: 7 #!", EMPTY, "title"),
    _with("title-is-null", "title: null #!", EMPTY, "title"),
    _with("description-is-a-list", "description: [a] #!", "expected a string", "description"),
    _with("uid-given", "uid: abc #!", "is set by the catalog", "uid"),
    _with("etag-given", "etag: abc #!", "is set by the catalog", "etag"),
    _with("labels-are-a-list", "labels: [a] #!", "must be a mapping but is a list", "labels"),
    _with("label-is-a-number", "labels:\n  port: 80 #!", SEQUENCES, "labels.port"),
    _with("label-with-a-blank", "labels:\n  a: b c #!", SEQUENCES, "labels.a"),
    _with("label-too-long", f"labels:\n  a: {LONG} #!", SEQUENCES, "labels.a"),
    _with(
        "label-key-with-a-blank",
        "labels:\n  b c: a #!",
        "optionally behind a lower-case domain",
        "labels.b c",
    ),
    _with(
        "label-key-domain-in-upper-case",
        "labels:\n  Example.Org/a: b #!",
        "lower-case domain",
        "labels.Example.Org/a",
    ),
    _with("annotations-are-a-list", "annotations: [a] #!", "must be an object", "annotations"),
    _with(
        "annotation-is-a-number",
        "annotations:\n  example.org/port: 80 #!",
        "expected a string",
        "annotations.example.org/port",
    ),
    _with("annotation-is-a-mapping", "annotations:\n  a: {b: c} #!", "expected a string", "annotations.a"),
    _with("annotation-key-with-a-blank", "annotations:\n  b c: a #!", "lower-case domain", "annotations.b c"),
    _with("tags-are-text", "tags: java #!", "must be a list but is a string", "tags"),
    _with("tag-in-upper-case", "tags:\n  - java\n  - Java8 #!", SEQUENCES, "tags[1]"),
    _with("tag-with-an-underscore", "tags:\n  - a_b #!", SEQUENCES, "tags[0]"),
    _with("tag-empty", 'tags:\n  - "" #!', SEQUENCES, "tags[0]"),
    _with("tag-is-a-number", "tags:\n  - 7 #!", SEQUENCES, "tags[0]"),
    _with("tag-too-long", f"tags:\n  - {LONG} #!", SEQUENCES, "tags[0]"),
    _with(
        "tags-that-differ-in-case", "labels:\n  Tier: a\n  tier: b #!", "differs only in case", "labels.tier"
    ),
    _with(
        "links-are-a-mapping",
        "links: {url: https://a.example} #!",
        "must be a list but is a mapping",
        "links",
    ),
    _with(
        "link-is-text", "links:\n  - https://a.example #!", "must be a mapping but is a string", "links[0]"
    ),
    _with("link-without-url", "links:\n  - title: a #!", '"links.0.url" is required', "links[0].url"),
    _with(
        "link-title-empty", 'links:\n  - url: https://a.example\n    title: "" #!', EMPTY, "links[0].title"
    ),
    _with(
        "link-icon-is-a-list", "links:\n  - url: https://a.example\n    icon: [a] #!", EMPTY, "links[0].icon"
    ),
    _link("link-is-relative", "/docs", "expected an absolute URL"),
    _link("link-without-host", '"https://"', "expected an absolute URL"),
    _link("link-url-is-a-number", "7", "expected an absolute URL"),
    _link("javascript-link", '"javascript:alert(1)"', REFUSED),
    _link("javascript-link-in-upper-case", '"JavaScript:alert(1)"', REFUSED),
    _link("javascript-link-with-blanks", '"  javascript:alert(1)"', REFUSED),
    _link("javascript-link-with-a-tab", '"java\\tscript:alert(1)"', REFUSED),
    _link("vbscript-link", '"vbscript:x"', REFUSED),
    _link("data-link", '"data:text/html,<script>alert(1)</script>"', REFUSED),
    _root("kind-with-a-dash", "kind: Component", "kind: My-Kind", "starts with a letter", "kind"),
    _root("kind-begins-with-a-digit", "kind: Component", "kind: 4Component", "starts with a letter", "kind"),
    _root("kind-too-long", "kind: Component", f"kind: {LONG}", "starts with a letter", "kind"),
    _root("kind-unknown", "kind: Component", "kind: Gizmo", "no kind Gizmo with apiVersion", "kind"),
    _root("kind-in-lower-case", "kind: Component", "kind: component", "there is Component with", "kind"),
    _root(
        "api-version-unknown", VERSION, "apiVersion: backstage.io/v9", "there is Component with", "apiVersion"
    ),
    _root("api-version-with-two-slashes", VERSION, "apiVersion: a/b/c", "expected a version", "apiVersion"),
    _root("api-version-with-a-blank", VERSION, "apiVersion: v 1", "expected a version", "apiVersion"),
    one("root-field-unknown", component("NAME-in-it") + "extra: 1 #!\n", "Unknown field extra", "extra"),
    one(
        "root-relations-given",
        component("NAME-in-it") + "relations: [] #!\n",
        "Unknown field relations",
        "relations",
    ),
    one("no-spec", component("NAME-in-it", spec="").replace("spec:\n", ""), "is required", "spec", 1),
    _spec("reference-with-an-empty-part", SPEC.replace("crew", '"group:" #!'), "has an empty part", "owner"),
    _spec(
        "reference-without-kind", SPEC + "\ndependsOn:\n  - lamp #!", "needs a kind in front", "dependsOn[0]"
    ),
    Case(
        "many-mistakes-at-once",
        component(
            "Bad_Name! #!", metadata="tags:\n  - A b #!", spec="type: 7 #!\nlifecycle: x\nowner: [] #!"
        ),
        (
            Mistake(SEQUENCES, "metadata.name"),
            Mistake(SEQUENCES, "metadata.tags[0]"),
            Mistake("must be a string but is a number (7)", "spec.type"),
            Mistake("must be a string but is a list", "spec.owner"),
        ),
    ),
]
