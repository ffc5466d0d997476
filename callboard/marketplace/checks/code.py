"""What the modules of a plugin ask for, read from their syntax: nothing is imported, nothing runs.

It tells honest authors what they forgot to declare, and reviewers where to look. Who hides on purpose can
hide from any such reading, which is why a person reviews as well.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from callboard.marketplace.checks.findings import Finding, error, info, warning
from callboard.plugins.contract import Contribution

MAX_MODULE = 1024 * 1024
_NETWORK = {
    "httpx", "requests", "urllib3", "aiohttp", "socket", "ssl", "ftplib", "smtplib", "telnetlib", "poplib",
    "imaplib", "websockets", "websocket", "paramiko", "httpcore", "pycurl", "socketserver", "xmlrpc",
    "asyncssh", "dns", "grpc", "aiosmtplib", "urllib.request", "http.client", "http.server",
}  # fmt: skip
_DATABASE = {
    "sqlalchemy", "sqlite3", "asyncpg", "psycopg", "psycopg2", "aiosqlite", "pymysql", "pymongo", "redis",
    "duckdb",
}  # fmt: skip
_PROCESSES = {"subprocess", "multiprocessing", "pty", "ctypes", "cffi", "pexpect", "sh"}
_SERVICES: Mapping[str, str] = {
    "UrlReader": "network",
    "Queries": "catalog.read",
    "Catalog": "catalog.write",
    "Confinement": "catalog.write",
    "Emitter": "catalog.write",
    "Database": "database",
    "Search": "search",
    "Identity": "identity",
    "SignInParts": "identity",
    "RolesPolicy": "identity",
    "Roles": "identity",
    "Audit": "identity",
    "Permissions": "identity",
    "Resources": "identity",
    "Visibility": "identity",
    "PluginAdmin": "identity",
    "Tasks": "identity",
}
_DYNAMIC = {"eval", "exec", "compile", "__import__"}
_SHELL = {"system", "popen", "execv", "execve", "execvp", "spawnv", "spawnl", "fork", "posix_spawn"}
_COMPILED = (".so", ".pyd", ".dll", ".dylib", ".exe", ".pyc", ".pyo", ".node", ".jar", ".wasm")


@dataclass(slots=True)
class Seen:
    """What was found, each with the file and line where first."""

    needs: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Need → what asks for it, and where."""
    network: str = ""
    database: str = ""
    processes: str = ""
    dynamic: str = ""
    ids: dict[str, str] = field(default_factory=dict)
    declared: dict[str, str] = field(default_factory=dict)
    contributions: dict[str, str] = field(default_factory=dict)
    problems: list[Finding] = field(default_factory=list)


def check_code(files: Sequence[tuple[str, bytes]], manifest: Mapping[str, Any]) -> Iterator[Finding]:
    """The modules among `files` against what the manifest (JSON, hence Any) declares."""
    seen, known = Seen(), _contribution_names()
    for path, content in files:
        if path.endswith(_COMPILED):
            yield error("code-compiled", "Compiled code cannot be read, so it cannot be reviewed", path)
        elif path.endswith(".py"):
            _read(path, content, seen, known)
    yield from seen.problems
    yield from _against(seen, manifest)


def _read(path: str, content: bytes, seen: Seen, known: set[str]) -> None:
    if len(content) > MAX_MODULE:
        seen.problems.append(error("code-large", "A module of more than 1 MiB cannot be reviewed", path))
        return
    try:
        tree = ast.parse(content, path)
        _Reader(path, seen, known).visit(tree)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        seen.problems.append(error("code-broken", "This module is not Python that can be read", path))


class _Reader(ast.NodeVisitor):
    def __init__(self, path: str, seen: Seen, known: set[str]) -> None:
        self._path, self._seen, self._known = path, seen, known
        self._names: dict[str, str] = {}  # a name of this module → what it was imported as

    def visit_Import(self, node: ast.Import) -> None:
        for one in node.names:
            self._module(one.name, node)
            self._names[one.asname or one.name.partition(".")[0]] = one.name

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        module = node.module or ""
        if not node.level:
            self._module(module, node)
        for one in node.names:
            if not node.level and module in ("urllib", "http", "os"):
                self._module(f"{module}.{one.name}", node)
            self._names[one.asname or one.name] = one.name

    def visit_Call(self, node: ast.Call) -> None:
        name = self._called(node.func)
        where = f"{self._path}:{node.lineno}"
        if isinstance(node.func, ast.Name) and node.func.id in _DYNAMIC:
            self._seen.dynamic = self._seen.dynamic or f"{node.func.id} at {where}"
        if isinstance(node.func, ast.Attribute):
            self._attribute(node.func, node, where)
        if name == "Plugin":
            if (id := _text(node, 0, "id")) is not None:
                self._seen.ids.setdefault(id, where)
        elif name == "Need":
            if (need := _text(node, 0, "name")) is not None:
                self._seen.declared.setdefault(need, where)
        elif name in self._known:
            self._seen.contributions.setdefault(name, where)
        self.generic_visit(node)

    def _attribute(self, called: ast.Attribute, node: ast.Call, where: str) -> None:
        if called.attr == "get" and len(node.args) == 1 and isinstance(node.args[0], ast.Name):
            service = self._names.get(node.args[0].id, node.args[0].id)
            if (need := _SERVICES.get(service)) is not None:
                self._seen.needs.setdefault(need, (f"context.get({service})", where))
        root = called.value.id if isinstance(called.value, ast.Name) else ""
        module = self._names.get(root, root)
        if (module == "os" and called.attr in _SHELL) or called.attr.startswith("create_subprocess"):
            self._seen.processes = self._seen.processes or f"{root}.{called.attr} at {where}"
        if module == "importlib" and called.attr == "import_module":
            self._seen.dynamic = self._seen.dynamic or f"import_module at {where}"
        if (module, called.attr) in (("pickle", "loads"), ("marshal", "loads"), ("dill", "loads")):
            self._seen.dynamic = self._seen.dynamic or f"{module}.loads at {where}"
        if called.attr == "open_connection" and module == "asyncio":
            self._seen.network = self._seen.network or f"asyncio.open_connection at {where}"

    def _called(self, function: ast.expr) -> str:
        if isinstance(function, ast.Name):
            return self._names.get(function.id, function.id)
        return function.attr if isinstance(function, ast.Attribute) else ""

    def _module(self, module: str, node: ast.stmt) -> None:
        where = f"{module} at {self._path}:{node.lineno}"
        for names, kind in ((_NETWORK, "network"), (_DATABASE, "database"), (_PROCESSES, "processes")):
            if module in names or module.partition(".")[0] in names:
                setattr(self._seen, kind, getattr(self._seen, kind) or where)


def _text(call: ast.Call, at: int, name: str) -> str | None:
    """A literal argument, by position or by name."""
    given = next((one.value for one in call.keywords if one.arg == name), None)
    if given is None and len(call.args) > at:
        given = call.args[at]
    return given.value if isinstance(given, ast.Constant) and isinstance(given.value, str) else None


def _against(seen: Seen, manifest: Mapping[str, Any]) -> Iterator[Finding]:
    needs = {str(one.get("name")) for one in manifest.get("needs", ())}
    kinds = {str(one.get("kind")) for one in manifest.get("contributions", ())}
    for need, (what, where) in seen.needs.items():
        if need not in needs:
            yield error(
                "need-undeclared", f"{what} at {where} asks for {need}, which is not declared", "needs"
            )
    for need, where in seen.declared.items():
        if need not in needs:
            yield error(
                "manifest-lies", f"The code declares the need {need} at {where}, the manifest not", "needs"
            )
    for id, where in seen.ids.items():
        if id != manifest.get("id"):
            yield error(
                "manifest-lies",
                f"The code is the plugin {id} at {where}, the manifest {manifest.get('id')}",
                "id",
            )
    for kind, where in seen.contributions.items():
        if kind not in kinds:
            yield error(
                "manifest-lies",
                f"The code contributes {kind} at {where}, of which the manifest says nothing",
                "contributions",
            )
    if seen.network:
        if "network" not in needs:
            yield error("network-undeclared", f"Imports {seen.network} without the need network", "needs")
        else:
            yield warning("network-own", f"Uses {seen.network} instead of the safe reader", "needs")
    if seen.database and "database" not in needs:
        yield error("database-undeclared", f"Imports {seen.database} without the need database", "needs")
    if seen.processes:
        yield warning("processes", f"Can start other programs or native code: {seen.processes}", "needs")
    if seen.dynamic:
        yield warning("code-dynamic", f"Runs code that is made while it runs: {seen.dynamic}")
    for need in sorted(needs - seen.needs.keys() - ({"network"} if seen.network else set())):
        yield info("need-unused", f"Nothing was found that uses the need {need}", "needs")


def _contribution_names() -> set[str]:
    """Every kind of contribution that this process knows."""
    found: set[str] = set()
    waiting = list(Contribution.__subclasses__())
    while waiting:
        one = waiting.pop()
        found.add(one.__name__)
        waiting += one.__subclasses__()
    return found
