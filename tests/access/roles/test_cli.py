"""`callboard roles` against a real HTTP server with the routes of the roles."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from granian.constants import Interfaces
from granian.server.embed import Server as Granian
from starlette.applications import Starlette
from typer.testing import CliRunner

from callboard.access.roles.api import roles_routes
from callboard.access.roles.policy import RolesPolicy
from callboard.access.roles.service import Roles
from callboard.cli.roles import roles as command
from callboard.core.config import load_config
from callboard.core.database import Database
from callboard.core.http import EXCEPTION_HANDLERS
from tests.access.roles.speech import KNOWN, Members

FIRST = "roles:\n- name: dev\n  members:\n  - '*'\n  grants:\n  - permission: catalog.*\n    effect: allow\n"
WRONG = FIRST.replace("catalog.*", "catalogue.*")


class Commands:
    """Runs `callboard roles …` against the server."""

    def __init__(self, url: str) -> None:
        self.url = url

    async def run(self, *args: str, status: int = 0, remote: bool = True) -> str:
        """What the command prints; it must end with this status."""
        own = [*args, "--url", self.url] if remote else list(args)
        result = await asyncio.to_thread(CliRunner().invoke, command, own)
        assert result.exit_code == status, result.output
        return result.output


@pytest.fixture
async def commands(database_url: str, free_port: int) -> AsyncIterator[Commands]:
    database = Database(database_url)
    policy = RolesPolicy(database, load_config([], {}), lambda: KNOWN)
    await policy.start()
    roles = Roles(policy, Members([], []), lambda ref: (ref,))
    app = Starlette(routes=roles_routes(lambda: roles), exception_handlers=EXCEPTION_HANDLERS)
    server = Granian(app, port=free_port, interface=Interfaces.ASGINL, log_enabled=False)
    serving = asyncio.create_task(server.serve())
    for _ in range(200):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", free_port)
        except OSError:
            await asyncio.sleep(0.02)
        else:
            writer.close()
            break
    yield Commands(f"http://127.0.0.1:{free_port}")
    server.stop()  # type: ignore[no-untyped-call]  # granian has no types there
    await serving
    await policy.stop()
    await database.close()


async def test_a_file_goes_in_and_comes_out_the_same(commands: Commands, tmp_path: Path) -> None:
    file, out = tmp_path / "roles.yaml", tmp_path / "out.yaml"
    file.write_text(FIRST)
    assert "version 1 is in force" in await commands.run("import", str(file), "--comment", "The first")
    assert "nothing differs from version 1" in await commands.run("import", str(file))
    await commands.run("export", "--output", str(out))
    assert out.read_text() == await commands.run("export")
    await commands.run("import", str(out))
    assert '"permission": "catalog.*"' in await commands.run("export", "--format", "json")


async def test_versions_are_listed_and_restored(commands: Commands, tmp_path: Path) -> None:
    file = tmp_path / "roles.json"
    for text in (FIRST, '{"roles": []}'):
        file.write_text(text)
        await commands.run("import", str(file), "--comment", f"{len(text)} long")
    await commands.run("import", str(file), "--based-on", "1", status=1)
    assert "version 3 is in force, like version 1" in await commands.run("restore", "1")
    listed = (await commands.run("versions")).splitlines()
    assert [line.split()[0] for line in listed] == ["3", "2", "1"]
    assert listed[0].endswith("Restored version 1")
    assert "dev" in await commands.run("export", "--version", "1")
    assert "dev" not in await commands.run("export", "--version", "2")
    assert "no version 9" in await commands.run("restore", "9", status=1)


async def test_a_wrong_file_is_refused_with_its_lines(commands: Commands, tmp_path: Path) -> None:
    file = tmp_path / "roles.yaml"
    file.write_text(WRONG)
    said = await commands.run("import", str(file), status=1)
    assert 'answered 400: 6:5: roles[0].grants[0].permission: no permission matches "catalogue.*"' in said
    checked = await commands.run("check", str(file), status=1)
    assert checked.startswith(f"{file}:6:5: roles[0].grants[0].permission")
    file.write_text(FIRST)
    assert "is in order: 1 roles" in await commands.run("check", str(file))


async def test_a_file_is_checked_without_a_server(commands: Commands, tmp_path: Path) -> None:
    file = tmp_path / "roles.yaml"
    file.write_text("roles:\n- name: Dev\n")
    said = await commands.run("check", str(file), status=1, remote=False)
    assert said.startswith(f"{file}:2:3: roles[0].name")
    await commands.run("check", str(tmp_path / "none.yaml"), status=1, remote=False)
