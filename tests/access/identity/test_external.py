from __future__ import annotations

import base64
import hmac
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from joserfc import jws as jose
from joserfc.jwk import ECKey, Key, KeyParameters, OctKey, OKPKey, RSAKey

from callboard.access.identity import Identity
from callboard.access.identity.keys import LEEWAY
from callboard.access.identity.remote_keys import AGAIN, FRESH, MAX_BYTES, STALE
from callboard.access.identity.settings import read_identity_settings
from callboard.access.principals import Principal, Restriction
from callboard.core.config import Config
from callboard.core.errors import AuthenticationError, ConfigError

SECRET = base64.b64encode(b"0123456789abcdef0123456789abcdef").decode()


class Issuer:
    """A real HTTP server on loopback that publishes `keys`; `answer` replaces what it says."""

    def __init__(self) -> None:
        self.keys: list[Key] = []
        self.answer: tuple[int, dict[str, str], bytes] | None = None
        self.asked = 0
        self.url = ""

    def body(self) -> bytes:
        return json.dumps({"keys": [key.as_dict(private=False) for key in self.keys]}).encode()


@contextmanager
def running(issuer: Issuer) -> Iterator[Issuer]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            issuer.asked += 1
            status, headers, body = issuer.answer or (200, {}, issuer.body())
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing: the test's output is its result."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    issuer.url = f"http://127.0.0.1:{server.server_port}/jwks.json"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield issuer
    server.shutdown()
    server.server_close()


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with running(Issuer()) as made:
        made.keys = [ECKey.generate_key("P-256", {"kid": "one"})]
        yield made


def entry(kind: str, *, restrictions: Any = None, **options: Any) -> dict[str, Any]:
    made: dict[str, Any] = {"type": kind, "options": options}
    return made if restrictions is None else made | {"accessRestrictions": restrictions}


def access(*entries: Any) -> dict[str, Any]:
    return {"backend": {"auth": {"externalAccess": list(entries)}}}


def trusting(issuer: Issuer, **options: Any) -> dict[str, Any]:
    given = {
        "url": issuer.url,
        "issuer": "https://ci.example",
        "audience": "callboard",
        "subjectPrefix": "ci",
    }
    return access(entry("jwks", **(given | options)))


def signed(
    key: Key,
    clock: Any,
    *,
    algorithm: str = "ES256",
    kid: str | None = "one",
    without: str = "",
    **changes: Any,
) -> str:
    claims = {"iss": "https://ci.example", "aud": "callboard", "sub": "deploy", "exp": int(clock.now) + 300}
    claims = {name: value for name, value in (claims | changes).items() if name != without}
    header = {"alg": algorithm} | ({"kid": kid} if kid is not None else {})
    return jose.serialize_compact(header, json.dumps(claims), key, algorithms=[algorithm])


def encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


async def refused(identity: Identity, token: str) -> None:
    with pytest.raises(AuthenticationError, match=r"^Illegal token$"):
        await identity.authenticate(token)


async def test_a_fixed_token_is_a_service(new_node: Any) -> None:
    node = await new_node(access(entry("static", token="a-fixed-token", subject="ci")))
    assert await node.authenticate("a-fixed-token") == Principal("service", "ci", means="external")
    for wrong in ("a-fixed-toke", "a-fixed-token2", "A-fixed-token", " a-fixed-token"):
        await refused(node, wrong)


async def test_restrictions_stay_with_the_service(new_node: Any) -> None:
    limits = [
        {"plugin": "catalog", "permission": "catalog.entity.read, catalog.entity.create"},
        {"plugin": "search", "permissionAttribute": {"action": ["read", "update"]}},
    ]
    node = await new_node(access(entry("static", token="a-fixed-token", subject="ci", restrictions=limits)))
    assert (await node.authenticate("a-fixed-token")).restrictions == (
        Restriction("catalog", permissions=("catalog.entity.read", "catalog.entity.create")),
        Restriction("search", actions=("read", "update")),
    )


async def test_a_token_of_a_shared_secret_is_a_service(new_node: Any, clock: Any) -> None:
    node = await new_node(access(entry("legacy", secret=SECRET, subject="old")))
    key = OctKey.import_key(base64.b64decode(SECRET))
    given: dict[str, Any] = {"algorithm": "HS256", "kid": None, "without": "aud", "sub": "backstage-server"}
    token = signed(key, clock, **given)
    assert (await node.authenticate(token)).subject == "old"
    await refused(node, signed(key, clock, **given | {"sub": "someone"}))
    await refused(node, signed(key, clock, **given | {"without": ""}))
    await refused(node, signed(key, clock, **given, exp=int(clock.now) - LEEWAY))
    await refused(node, signed(key, clock, **given, nbf=int(clock.now) + 60))
    await refused(node, signed(OctKey.generate_key(256), clock, **given))
    endless = {"iss": "x", "sub": "backstage-server"}
    await refused(node, jose.serialize_compact({"alg": "HS256"}, json.dumps(endless), key, ["HS256"]))
    clock.now += 300 + LEEWAY
    await refused(node, token)


async def test_the_old_list_of_secrets_still_works(new_node: Any, clock: Any) -> None:
    node = await new_node({"backend": {"auth": {"keys": [{"secret": SECRET}]}}})
    key = OctKey.import_key(base64.b64decode(SECRET))
    token = signed(key, clock, algorithm="HS256", kid=None, without="aud", sub="backstage-server")
    assert (await node.authenticate(token)).subject == "external:backstage-plugin"


async def test_a_token_of_another_issuer_is_a_service(new_node: Any, clock: Any, issuer: Issuer) -> None:
    node = await new_node(trusting(issuer))
    token = signed(issuer.keys[0], clock)
    assert await node.authenticate(token) == Principal("service", "external:ci:deploy", means="external")
    await node.authenticate(signed(issuer.keys[0], clock, aud=["x", "callboard"]))
    await node.authenticate(signed(issuer.keys[0], clock, kid=None))
    assert issuer.asked == 1


@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")  # issuers still use the name
@pytest.mark.parametrize("algorithm", ["RS256", "PS384", "ES384", "ES512", "EdDSA", "Ed25519"])
async def test_every_usual_algorithm_is_understood(
    new_node: Any, clock: Any, issuer: Issuer, algorithm: str
) -> None:
    curve = {"ES384": "P-384", "ES512": "P-521"}.get(algorithm)
    if curve:
        issuer.keys = [ECKey.generate_key(curve, {"kid": "one"})]
    elif algorithm.startswith("Ed"):
        issuer.keys = [OKPKey.generate_key("Ed25519", {"kid": "one"})]
    else:
        issuer.keys = [RSAKey.generate_key(2048, {"kid": "one"})]
    node = await new_node(trusting(issuer))
    assert (await node.authenticate(signed(issuer.keys[0], clock, algorithm=algorithm))).type == "service"


async def test_without_a_prefix_the_subject_still_shows_that_it_is_external(
    new_node: Any, clock: Any, issuer: Issuer
) -> None:
    node = await new_node(access(entry("jwks", url=issuer.url)))
    assert (await node.authenticate(signed(issuer.keys[0], clock))).subject == "external:deploy"


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://evil.example"},
        {"without": "iss"},
        {"aud": "other"},
        {"aud": ["other"]},
        {"without": "aud"},
        {"sub": ""},
        {"sub": 7},
        {"without": "sub"},
        {"without": "exp"},
        {"exp": 1_700_000_000},
        {"exp": "9999999999"},
        {"nbf": 1_900_000_000},
        {"iat": 1_900_000_000},
        {"iat": "now"},
        {"kid": "two"},
    ],
)
async def test_a_token_that_is_not_quite_right_is_refused(
    new_node: Any, clock: Any, issuer: Issuer, changes: dict[str, Any]
) -> None:
    node = await new_node(trusting(issuer))
    await refused(node, signed(issuer.keys[0], clock, **changes))


async def test_a_token_of_a_key_the_issuer_does_not_publish_is_refused(
    new_node: Any, clock: Any, issuer: Issuer
) -> None:
    node = await new_node(trusting(issuer))
    await refused(node, signed(ECKey.generate_key("P-256"), clock))
    _, payload, _ = signed(issuer.keys[0], clock).split(".")
    for algorithm in ("none", "None"):
        await refused(node, f"{encoded(json.dumps({'alg': algorithm, 'kid': 'one'}).encode())}.{payload}.")
    # The public key as the secret of HS256.
    head = f"{encoded(json.dumps({'alg': 'HS256', 'kid': 'one'}).encode())}.{payload}"
    public = json.dumps(issuer.keys[0].as_dict(private=False)).encode()
    await refused(node, f"{head}.{encoded(hmac.digest(public, head.encode(), 'sha256'))}")


async def test_only_the_configured_algorithms_count(new_node: Any, clock: Any, issuer: Issuer) -> None:
    issuer.keys = [RSAKey.generate_key(2048, {"kid": "one"})]
    node = await new_node(trusting(issuer, algorithm="RS256"))
    await node.authenticate(signed(issuer.keys[0], clock, algorithm="RS256"))
    await refused(node, signed(issuer.keys[0], clock, algorithm="PS256"))
    await refused(node, signed(issuer.keys[0], clock, algorithm="RS512"))


async def test_a_key_serves_only_the_algorithm_and_use_it_declares(
    new_node: Any, clock: Any, issuer: Issuer
) -> None:
    kinds: list[KeyParameters] = [{"kid": "one", "alg": "PS256"}, {"kid": "one", "use": "enc"}]
    for declared in kinds:
        issuer.keys = [RSAKey.generate_key(2048, declared)]
        node = await new_node(trusting(issuer))
        plain = RSAKey.import_key(
            {k: v for k, v in issuer.keys[0].as_dict(private=True).items() if k not in ("alg", "use")}
        )
        await refused(node, signed(plain, clock, algorithm="RS256"))


async def test_shared_secrets_in_a_key_set_are_ignored(new_node: Any, clock: Any, issuer: Issuer) -> None:
    secret = OctKey.generate_key(256, {"kid": "one"})
    issuer.answer = (200, {}, json.dumps({"keys": [secret.as_dict(private=True)]}).encode())
    node = await new_node(trusting(issuer))
    await refused(node, signed(secret, clock, algorithm="HS256"))


async def test_new_keys_of_the_issuer_are_fetched(new_node: Any, clock: Any, issuer: Issuer) -> None:
    node = await new_node(trusting(issuer))
    await node.authenticate(signed(issuer.keys[0], clock))
    issuer.keys.append(ECKey.generate_key("P-256", {"kid": "two"}))
    clock.now += AGAIN
    await node.authenticate(signed(issuer.keys[1], clock, kid="two"))
    assert issuer.asked == 2


async def test_a_key_the_issuer_withdrew_is_refused(new_node: Any, clock: Any, issuer: Issuer) -> None:
    node = await new_node(trusting(issuer))
    old = issuer.keys[0]
    await node.authenticate(signed(old, clock))
    issuer.keys = [ECKey.generate_key("P-256", {"kid": "two"})]
    clock.now += FRESH
    await refused(node, signed(old, clock))


async def test_made_up_key_ids_do_not_flood_the_issuer(new_node: Any, clock: Any, issuer: Issuer) -> None:
    node = await new_node(trusting(issuer))
    for number in range(30):
        await refused(node, signed(issuer.keys[0], clock, kid=f"made-up-{number}"))
    assert issuer.asked == 1
    # A token that is not for this issuer does not even make us ask.
    clock.now += AGAIN
    await refused(node, signed(issuer.keys[0], clock, kid="x", iss="https://evil.example"))
    assert issuer.asked == 1


async def test_an_issuer_that_is_away_for_a_while_locks_nobody_out(
    new_node: Any, clock: Any, issuer: Issuer
) -> None:
    node = await new_node(trusting(issuer))
    await node.authenticate(signed(issuer.keys[0], clock))
    issuer.answer = (503, {}, b"")
    clock.now += FRESH + 1
    await node.authenticate(signed(issuer.keys[0], clock))
    clock.now += STALE
    await refused(node, signed(issuer.keys[0], clock))


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{}", b'{"keys": 7}', b'{"keys": [7, null, {}]}', b"{" * 100, b" " * (MAX_BYTES + 1)],
)
async def test_an_issuer_that_answers_nonsense_lets_nobody_in(
    new_node: Any, clock: Any, issuer: Issuer, body: bytes
) -> None:
    node = await new_node(trusting(issuer))
    issuer.answer = (200, {}, body)
    await refused(node, signed(issuer.keys[0], clock))


async def test_keys_are_not_fetched_from_where_a_redirect_leads(
    new_node: Any, clock: Any, issuer: Issuer
) -> None:
    with running(Issuer()) as evil:
        evil.keys = [ECKey.generate_key("P-256", {"kid": "one"})]
        issuer.answer = (302, {"location": evil.url}, b"")
        node = await new_node(trusting(issuer))
        await refused(node, signed(evil.keys[0], clock))
        assert evil.asked == 0


@pytest.mark.parametrize(
    ("made", "field"),
    [
        ("text", "backend.auth.externalAccess[0]"),
        ({"type": "magic", "options": {}}, "[0].type"),
        ({"type": ["static"], "options": {}}, "[0].type"),
        ({"type": "static"}, "[0].options"),
        (entry("static", token="short", subject="x"), "[0].options.token"),
        (entry("static", token="has a space", subject="x"), "[0].options.token"),
        (entry("static", token="long-enough"), "[0].options.subject"),
        (entry("static", token="long-enough", subject="a b"), "[0].options.subject"),
        (entry("legacy", secret="not base64!", subject="x"), "[0].options.secret"),
        (entry("legacy", secret="c2hvcnQ=", subject="x"), "[0].options.secret"),
        (entry("legacy", secret=7, subject="x"), "[0].options.secret"),
        (entry("jwks", url="file:///etc/passwd"), "[0].options.url"),
        (entry("jwks"), "[0].options.url"),
        (entry("jwks", url="https://x", algorithm="HS256"), "[0].options.algorithm"),
        (entry("jwks", url="https://x", algorithm=["none"]), "[0].options.algorithm"),
        (entry("jwks", url="https://x", issuer=7), "[0].options.issuer"),
        (entry("jwks", url="https://x", audience=[]), "[0].options.audience"),
        (entry("static", token="long-enough", subject="x", restrictions=[]), "[0].accessRestrictions"),
        (entry("static", token="long-enough", subject="x", restrictions=[{}]), "Restrictions[0].plugin"),
        (
            entry(
                "static", token="long-enough", subject="x", restrictions=[{"plugin": "a"}, {"plugin": "a"}]
            ),
            "accessRestrictions[1].plugin",
        ),
        (
            entry(
                "static",
                token="long-enough",
                subject="x",
                restrictions=[{"plugin": "a", "permissionAttribute": {"action": "reed"}}],
            ),
            "permissionAttribute.action",
        ),
        (
            entry(
                "static", token="long-enough", subject="x", restrictions=[{"plugin": "a", "permissions": []}]
            ),
            "accessRestrictions[0].permissions",
        ),
    ],
)
def test_a_mistake_in_the_configuration_is_named_with_its_place(
    config: Callable[[dict[str, Any]], Config], made: Any, field: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        read_identity_settings(config(access(made)))
    assert any(problem.field.endswith(field) and problem.line == 1 for problem in caught.value.problems)
    assert "long-enough" not in str(caught.value)
    assert "has a space" not in str(caught.value)


def test_settings_do_not_show_secrets(config: Callable[[dict[str, Any]], Config]) -> None:
    values = access(
        entry("static", token="canary-token", subject="x"), entry("legacy", secret=SECRET, subject="y")
    )
    shown = repr(read_identity_settings(config(values | {"auth": {"session": {"secret": "canary-" * 4}}})))
    assert "canary" not in shown
    assert "0123456789abcdef" not in shown
