from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from callboard.access.permissions import ALLOWED, DENIED, Result
from callboard.access.principals import NOBODY, OPEN
from callboard.access.roles.document import Known, Policies, Role
from callboard.access.roles.policy import POLL, RolesPolicy
from callboard.access.roles.reading import read_policies
from callboard.access.roles.store import RoleStore
from callboard.core.config import Config, load_config
from callboard.core.database import Database
from callboard.core.errors import ConfigError, ConflictError, NotFoundError
from tests.access.roles.speech import KNOWN, OWNED, READ, grant, role, user

SEEN = POLL + 1.0  # seconds in which a node must know what another one did
Start = Callable[..., Awaitable[RolesPolicy]]
JANE = user("jane", "dev")
EVERYONE_READS = read_policies({"roles": [role("all", ["*"], grant("catalog.entity.read"))]}, KNOWN)
OWNERS_READ = read_policies({"roles": [role("all", ["*"], grant("*", conditions=OWNED))]}, KNOWN)


def settings(folder: Path, **keys: Any) -> Config:
    """A configuration with these keys below `permission.roles`."""
    import orjson

    file = folder / "app-config.yaml"
    file.write_bytes(orjson.dumps({"permission": {"roles": keys}}))
    return load_config([file], {})


@pytest.fixture
async def start(database_url: str, tmp_path: Path) -> AsyncIterator[Start]:
    """Starts a node of its own connection; keywords are keys below `permission.roles`."""
    nodes: list[tuple[RolesPolicy, Database]] = []

    async def one(known: Callable[[], Known] = lambda: KNOWN, **keys: Any) -> RolesPolicy:
        database = Database(database_url)
        policy = RolesPolicy(database, settings(tmp_path, **keys), known)
        nodes.append((policy, database))
        await policy.start()
        return policy

    yield one
    for policy, database in nodes:
        await policy.stop()
        await database.close()


async def until(condition: Callable[[], bool]) -> None:
    for _ in range(int(SEEN / 0.02)):
        if condition():
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"it did not happen within {SEEN} s")


async def test_before_anything_is_written_everyone_is_denied(start: Start) -> None:
    policy = await start()
    assert await policy.handle(READ, JANE) == DENIED
    assert policy.about.version == 0


async def test_only_users_are_decided_about(start: Start) -> None:
    policy = await start()
    await policy.store.save(EVERYONE_READS, based_on=0, author="user:default/jane")
    await policy.reload()
    assert await policy.handle(READ, JANE) == ALLOWED
    assert await policy.handle(READ, NOBODY) == DENIED
    assert await policy.handle(READ, OPEN) == DENIED


async def test_a_change_on_one_node_is_in_force_on_the_other_soon(start: Start) -> None:
    here, there = await start(), await start()
    assert await there.handle(READ, JANE) == DENIED
    before = there.version
    await here.store.save(EVERYONE_READS, based_on=0, author="a")
    await until(lambda: there.version != before)
    assert await there.handle(READ, JANE) == ALLOWED
    await here.store.save(OWNERS_READ, based_on=1, author="a")
    await until(lambda: there.about.version == 2)
    assert (await there.handle(READ, JANE)).result is Result.CONDITIONAL


async def test_a_node_that_starts_later_begins_with_the_newest_version(start: Start) -> None:
    first = await start()
    await first.store.save(EVERYONE_READS, based_on=0, author="a")
    assert await (await start()).handle(READ, JANE) == ALLOWED


async def test_of_two_editors_at_once_one_is_told_to_look_again(start: Start) -> None:
    here, there = await start(), await start()
    documents = [Policies((Role(f"role-{number}"),)) for number in range(6)]
    nodes = [here, there] * 3
    done = await asyncio.gather(
        *(
            node.store.save(document, based_on=0, author=f"user:default/editor-{at}")
            for at, (node, document) in enumerate(zip(nodes, documents, strict=True))
        ),
        return_exceptions=True,
    )
    refused = [one for one in done if isinstance(one, ConflictError)]
    assert len(refused) == 5
    (won,) = [at for at, one in enumerate(done) if not isinstance(one, ConflictError)]
    about, document = await here.store.current()
    assert (about.version, about.author) == (1, f"user:default/editor-{won}")
    assert document == documents[won]


async def test_every_version_stays_and_tells_who_made_it_and_why(start: Start) -> None:
    store: RoleStore = (await start()).store
    await store.save(EVERYONE_READS, based_on=0, author="user:default/jane", comment="Let everyone read")
    await store.save(OWNERS_READ, based_on=1, author="user:default/joe")
    found = await store.versions()
    assert [(one.version, one.author, one.comment) for one in found] == [
        (2, "user:default/joe", ""),
        (1, "user:default/jane", "Let everyone read"),
    ]
    assert [one.version for one in await store.versions(before=2)] == [1]
    assert (await store.version(1))[1] == EVERYONE_READS
    for missing in (0, 3, 2**40):
        with pytest.raises(NotFoundError):
            await store.version(missing)


@pytest.mark.parametrize("admin", ["user:default/Jane", "group:default/dev"])
async def test_admins_of_the_configuration_may_do_everything(start: Start, admin: str) -> None:
    policy = await start(admins=[admin])
    assert await policy.handle(READ, JANE) == ALLOWED
    assert await policy.handle(READ, user("joe")) == DENIED


@pytest.mark.parametrize("admin", ["*", "component:default/crane", "jane", 7])
async def test_an_admin_who_is_nobody_in_particular_is_refused(start: Start, admin: Any) -> None:
    with pytest.raises(ConfigError) as raised:
        await start(admins=["user:default/jane", admin])
    assert raised.value.problems[0].field == "permission.roles.admins[1]"
    assert raised.value.problems[0].line == 1


def write(path: Path, value: Mapping[str, Any] | str) -> None:
    """As an editor does: the new file takes the place of the old one, with a time of its own."""
    text = value if isinstance(value, str) else read_policies(value, KNOWN).yaml()
    before = path.stat().st_mtime_ns if path.exists() else 0
    path.write_text(text)
    os.utime(path, ns=(before + 1_000_000, before + 1_000_000))


async def test_a_file_holds_the_document_and_is_followed(start: Start, tmp_path: Path) -> None:
    file = tmp_path / "roles.yaml"
    write(file, EVERYONE_READS.as_json())
    policy = await start(file="roles.yaml")
    assert await policy.handle(READ, JANE) == ALLOWED
    write(file, OWNERS_READ.as_json())
    await until(lambda: policy.document == OWNERS_READ)
    assert (await policy.handle(READ, JANE)).result is Result.CONDITIONAL


async def test_a_file_that_breaks_changes_nothing_until_it_is_mended(start: Start, tmp_path: Path) -> None:
    file = tmp_path / "roles.yaml"
    write(file, EVERYONE_READS.as_json())
    policy = await start(file="roles.yaml")
    write(file, "roles:\n  - nam: x\n")
    await until(lambda: bool(policy.problems))
    assert str(policy.problems[0]).startswith(f"{file}:2:5: roles[0].nam: is not known here")
    assert await policy.handle(READ, JANE) == ALLOWED
    write(file, OWNERS_READ.as_json())
    await until(lambda: not policy.problems)
    assert policy.document == OWNERS_READ
    file.unlink()
    await until(lambda: bool(policy.problems))
    assert policy.document == OWNERS_READ


@pytest.mark.parametrize("text", [None, "roles: [{name: A}]"])
async def test_a_file_that_is_missing_or_wrong_stops_the_start(
    start: Start, tmp_path: Path, text: str | None
) -> None:
    if text is not None:
        write(tmp_path / "roles.yaml", text)
    with pytest.raises(ConfigError):
        await start(file="roles.yaml")


async def test_a_plugin_that_goes_takes_no_lock_away(start: Start) -> None:
    """Denials under its conditions hold without them, until it comes back."""
    known = [KNOWN]
    policy = await start(lambda: known[0])
    denying = [grant("*"), grant("catalog.entity.read", "deny", {"not": OWNED})]
    await policy.store.save(read_policies({"roles": [role("a", ["*"], *denying)]}), based_on=0, author="a")
    await policy.reload()
    assert (await policy.handle(READ, JANE)).result is Result.CONDITIONAL
    before = policy.version
    known[0] = Known(KNOWN.permissions)
    assert await policy.handle(READ, JANE) == DENIED
    assert policy.version == before + 1
    known[0] = KNOWN
    assert policy.version == before + 2
    assert (await policy.handle(READ, JANE)).result is Result.CONDITIONAL


async def test_the_same_question_gets_the_same_answer_object(start: Start) -> None:
    """What is compiled from a decision is remembered by it."""
    policy = await start()
    await policy.store.save(OWNERS_READ, based_on=0, author="a")
    await policy.reload()
    assert await policy.handle(READ, JANE) is await policy.handle(READ, user("jane", "dev"))


async def test_a_file_is_read_before_the_plugins_are_known_and_checked_after(
    start: Start, tmp_path: Path
) -> None:
    text = OWNERS_READ.yaml() + "- {name: odd, grants: [{permission: kitchen.cook, effect: deny}]}\n"
    write(tmp_path / "roles.yaml", text)
    known = [Known()]
    policy = await start(lambda: known[0], file="roles.yaml")
    assert await policy.handle(READ, JANE) == DENIED  # no rule to judge by
    known[0] = KNOWN
    assert (await policy.handle(READ, JANE)).result is Result.CONDITIONAL
    await until(lambda: bool(policy.problems))
    assert 'there is no permission "kitchen.cook"' in str(policy.problems[0])
    write(tmp_path / "roles.yaml", OWNERS_READ.as_json())
    await until(lambda: not policy.problems)
    assert (await policy.handle(READ, JANE)).result is Result.CONDITIONAL
