"""Locations and placeholders that lead in circles, nowhere, or where nobody may look."""

from __future__ import annotations

from tests.malformed.case import Case, Mistake, one

OUTSIDE = "leads outside of the folder of its catalog files"
REQUEST_REFUSED = "is not allowed"
LOOPBACK = "may need to configure an integration"


def location(target: str, *, name: str = "NAME-in-it", kind: str = "") -> str:
    own = f"  type: {kind}\n" if kind else ""
    head = f"apiVersion: backstage.io/v1alpha1\nkind: Location\nmetadata:\n  name: {name}\n"
    return f"{head}spec:\n{own}  target: {target} #!\n"


def api(definition: str) -> str:
    return (
        "apiVersion: backstage.io/v1alpha1\nkind: API\nmetadata:\n  name: NAME-in-it\n"
        f"spec:\n  type: openapi\n  lifecycle: production\n  owner: crew\n  definition:\n    {definition}\n"
    )


def _target(name: str, target: str, message: str) -> Case:
    return one(name, location(target), message, "spec.target")


def _url(name: str, target: str, message: str) -> Case:
    return one(name, location(target, kind="url"), message, "spec.target")


def _placeholder(name: str, written: str, message: str) -> Case:
    text = api(written).replace("definition:\n", "definition: #!\n")
    return one(name, text, message, "spec.definition")


def _with_files(case: Case, more: dict[str, str | bytes], links: dict[str, str] | None = None) -> Case:
    return Case(case.name, case.text, case.mistakes, more=more, links=links or {})


CASES = [
    _target("target-missing", "./nothing.yaml", "nothing.yaml does not exist"),
    _target("target-glob-without-match", "./none/*.yaml", "matches no file"),
    _target("target-is-a-folder", ".", "is a folder"),
    _target("target-climbs-out", "../../../../../../etc/passwd", OUTSIDE),
    _target("target-is-absolute", "/etc/passwd", OUTSIDE),
    _target("target-glob-climbs-out", "/etc/host*", OUTSIDE),
    _target("target-in-another-case", "../unclosed-list/healthy.yaml", OUTSIDE),
    Case("target-holds-nul", location('"a\\0b"'), (Mistake("NUL character"),)),
    _with_files(
        _target("target-is-a-link-to-outside", "./link.yaml", OUTSIDE), {}, {"link.yaml": "/etc/passwd"}
    ),
    _with_files(_target("target-through-a-linked-folder", "./deep/passwd", OUTSIDE), {}, {"deep": "/etc"}),
    _target("target-is-itself", "./bad.yaml", "points at its own file"),
    one("type-unknown", location("x", kind="carrier-pigeon"), "may not name targets of type", "spec.target"),
    one(
        "type-file-from-nowhere",
        location("file:///etc/passwd", kind="url"),
        "only http and https",
        "spec.target",
    ),
    Case(
        "locations-in-a-circle",
        location("./second.yaml"),
        (Mistake("Cyclic location", "spec", 5, "second.yaml"),),
        more={"second.yaml": location("./bad.yaml", name="NAME-second")},
    ),
    # Requests of the server on behalf of whoever wrote the file.
    _url("url-of-loopback", "http://127.0.0.1:1/x.yaml", LOOPBACK),
    _url("url-of-localhost", "http://localhost/x.yaml", LOOPBACK),
    _url("url-of-metadata-service", "http://169.254.169.254/latest/meta-data/", LOOPBACK),
    _url("url-of-private-network", "http://10.0.0.1/x.yaml", LOOPBACK),
    _url("url-of-ipv6-loopback", '"http://[::1]/x.yaml"', LOOPBACK),
    _url("url-of-number-host", "http://2130706433/x.yaml", LOOPBACK),
    _url(
        "url-of-name-with-private-address", "http://inside.wild.example/x.yaml", "private or reserved address"
    ),
    _url("url-of-unknown-name", "http://nowhere.wild.example/x.yaml", "cannot be resolved"),
    _url("url-of-other-scheme", "gopher://a.example/x.yaml", "only http and https"),
    _url("url-with-password", "http://me:secret@127.0.0.1/x.yaml", "must not hold a user name or password"),
    _url("url-without-host", "'http:///x.yaml'", "no valid host name"),
    _url("url-missing", "WEB/missing.yaml", "404"),
    _url("url-of-broken-server", "WEB/broken.yaml", "500"),
    _url("url-too-large", "WEB/large.yaml", "larger than the limit of"),
    _url("url-redirects-to-forbidden-port", "WEB/to-forbidden.yaml", LOOPBACK),
    _url("url-redirects-to-metadata-service", "WEB/to-metadata.yaml", LOOPBACK),
    _url("url-redirects-to-private-name", "WEB/to-private-name.yaml", "private or reserved address"),
    _url("url-redirects-to-file", "WEB/to-file.yaml", "redirects to a URL that cannot be read"),
    _url("url-redirects-for-ever", "WEB/loop.yaml", "more than 5 redirects"),
    Case(
        "url-with-bad-utf-8",
        location("WEB/latin-1.yaml", kind="url"),
        (Mistake("not valid UTF-8", "", 1, "WEB/latin-1.yaml"),),
    ),
    Case(
        "url-with-unclosed-list",
        location("WEB/unclosed.yaml", kind="url"),
        (Mistake("is not closed", "", 1, "WEB/unclosed.yaml"),),
    ),
    Case(
        "url-with-file-location",
        location("WEB/file-location.yaml", kind="url"),
        (
            Mistake(
                "a location of type url may not name targets of type file",
                "spec.target",
                7,
                "WEB/file-location.yaml",
            ),
        ),
    ),
    # Placeholders.
    _placeholder("placeholder-missing", "$text: ./nothing.txt", "nothing.txt does not exist"),
    _placeholder("placeholder-is-a-list", "$text: [a]", "must be a string that holds"),
    _placeholder("placeholder-is-empty", '$text: ""', "must be a string that holds"),
    _placeholder("placeholder-climbs-out", "$text: ../../../../../../etc/passwd", OUTSIDE),
    _placeholder("placeholder-is-absolute", "$text: /etc/passwd", OUTSIDE),
    _placeholder("placeholder-of-folder", "$text: .", "Is a directory"),
    _placeholder("placeholder-of-private-address", "$text: http://169.254.169.254/", LOOPBACK),
    _placeholder("placeholder-of-file-url", "$text: file:///etc/passwd", "only http and https"),
    _placeholder("placeholder-redirects-inside", "$text: WEB/to-metadata.yaml", LOOPBACK),
    _with_files(
        _placeholder("placeholder-is-a-link-to-outside", "$text: ./link", OUTSIDE),
        {},
        {"link": "/etc/passwd"},
    ),
    _with_files(
        _placeholder("placeholder-through-a-linked-folder", "$text: ./deep/passwd", OUTSIDE),
        {},
        {"deep": "/etc"},
    ),
    _with_files(
        _placeholder("placeholder-of-broken-json", "$json: ./a.json", "is not valid JSON"), {"a.json": "{"}
    ),
    _with_files(
        _placeholder("placeholder-of-deep-json", "$json: ./a.json", "is not valid JSON"),
        {"a.json": "[" * 10000 + "]" * 10000},
    ),
    # Deeper than what can be written as JSON again, though it can be read.
    _with_files(
        _placeholder("placeholder-of-300-levels", "$json: ./a.json", "nested too deeply"),
        {"a.json": "[" * 300 + "]" * 300},
    ),
    Case(
        "placeholder-too-deep-inside",
        api("any text") + "  extra: " + "{a: " * 124 + "{$json: ./a.json}" + "}" * 124 + "\n",
        (Mistake("the entity cannot be stored: it is nested too deeply", "", 1),),
        more={"a.json": "[" * 128 + '"openapi"' + "]" * 128},
    ),
    _with_files(
        _placeholder("placeholder-of-broken-yaml", "$yaml: ./a.txt", "is not closed"), {"a.txt": "a: [b\n"}
    ),
    _with_files(
        _placeholder("placeholder-of-two-documents", "$yaml: ./a.txt", "exactly one YAML document"),
        {"a.txt": "a: 1\n---\nb: 2\n"},
    ),
    _with_files(
        _placeholder("placeholder-of-latin-1", "$text: ./a.txt", "is not UTF-8 text"),
        {"a.txt": "Gerät".encode("latin-1")},
    ),
    _with_files(_placeholder("placeholder-with-nul", "$text: ./a.txt", "NUL character"), {"a.txt": b"a\0b"}),
    _with_files(
        _placeholder("placeholder-of-json-with-nul", "$json: ./a.json", "NUL character"),
        {"a.json": '{"a": "b\\u0000c"}'},
    ),
    _with_files(
        _placeholder("placeholder-of-json-lone-surrogate", "$json: ./a.json", "is not valid JSON"),
        {"a.json": '"\\ud800"'},
    ),
    _with_files(
        _placeholder("placeholder-gives-wrong-type", "$json: ./a.json", "must be a string but is a mapping"),
        {"a.json": '{"a": 1}'},
    ),
]
