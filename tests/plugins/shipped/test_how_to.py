"""docs/how-to/write-a-plugin.md, carried out from its first line to its last as a newcomer would.

Blocks run in order in one empty folder. A comment on the line before a block marks it:

    <!-- shell -->           each `$ ` line is run; the lines below it occur in its output in that order,
                             `...` is anything
    <!-- written: PATH -->   the block is written there, seen from the folder at hand
    <!-- background -->      the server is started, and runs until the end
    <!-- shows: PATH -->     the page of the server holds every line, within a few seconds
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from tests.servers import Server, running_server

PAGE = Path(__file__).parents[3] / "docs" / "how-to" / "write-a-plugin.md"
PROGRAMS = Path(sys.executable).parent
KNOWN = ("callboard", "pytest", "uv")
BLOCK = re.compile(
    r"^<!-- (?P<verb>shell|written|background|shows)(?:: (?P<argument>\S+))? -->\n```\w*\n(?P<body>.*?)^```$",
    re.M | re.S,
)
TEN_MINUTES = 600.0
FOLLOWS = 15.0  # seconds; two are promised, on a machine that does nothing else


@dataclass
class Newcomer:
    """A terminal: the folder it is in, and the server of the other terminal."""

    folder: Path
    stack: ExitStack
    server: Server | None = None
    commands: list[str] = field(default_factory=list)

    def run(self, command: str) -> str:
        """The output of a command, which must succeed."""
        self.commands.append(command)
        words = shlex.split(command)
        if words[0] == "cd":
            self.folder = (self.folder / words[1]).resolve()
            return ""
        assert words[0] in KNOWN, command
        variables = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
        # Without a network: the build backend is that of this environment.
        offline = {"UV_NO_BUILD_ISOLATION": "1", "UV_OFFLINE": "1", "VIRTUAL_ENV": str(PROGRAMS.parent)}
        done = subprocess.run(
            [PROGRAMS / words[0], *words[1:]],
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
            env={**variables, **offline, "COLUMNS": "200", "PYTHONDONTWRITEBYTECODE": "1"},
        )
        output = done.stdout + done.stderr
        log = self.server.log_text() if self.server is not None and done.returncode else ""
        assert done.returncode == 0, f"{command}\n{output}\n{log}"
        return output

    def serve(self, command: str) -> None:
        words = shlex.split(command)
        assert words[:2] == ["callboard", "serve"]
        self.server = self.stack.enter_context(
            running_server(words[2:], data=self.folder / "callboard-data", cwd=self.folder)
        )

    def sees(self, path: str, lines: list[str]) -> None:
        """Wait until the page holds every line."""
        assert self.server is not None
        request = urllib.request.Request(self.server.base_url + path, headers={"accept": "text/html"})
        ends = time.monotonic() + FOLLOWS
        while True:
            text = urllib.request.urlopen(request, timeout=10).read().decode()
            missing = [line for line in lines if line not in text]
            if not missing:
                return
            assert time.monotonic() < ends, f"{path} shows no {missing}\n{self.server.log_text()}"
            time.sleep(0.2)


def commands(body: str) -> Iterator[tuple[str, list[str]]]:
    """The commands of a block, each with the output lines shown below it."""
    for part in re.split(r"^\$ ", body, flags=re.M)[1:]:
        command, *shown = part.rstrip().split("\n")
        yield command, shown


def test_the_page_leads_from_nothing_to_a_card_and_back(tmp_path: Path) -> None:
    text = PAGE.read_text("utf-8")
    assert text.count("```") == 2 * len(BLOCK.findall(text)), "a block of the page is not carried out"
    started = time.monotonic()
    with ExitStack() as stack:
        newcomer = Newcomer(tmp_path, stack)
        for found in BLOCK.finditer(text):
            verb, argument, body = found["verb"], found["argument"], found["body"]
            if verb == "written":
                (newcomer.folder / argument).write_text(body, "utf-8")
            elif verb == "shows":
                newcomer.sees(argument, body.splitlines())
            for command, shown in commands(body) if verb in ("shell", "background") else ():
                if verb == "background":
                    newcomer.serve(command)
                    continue
                output = newcomer.run(command)
                pattern = ".*".join(re.escape(part) for line in shown for part in line.split("..."))
                assert re.search(pattern, output, re.S), f"{command} printed\n{output}"
        assert newcomer.server is not None
        assert "Traceback" not in newcomer.server.log_text()
    assert time.monotonic() - started < TEN_MINUTES
    assert any(command.startswith("callboard plugins install") for command in newcomer.commands)
