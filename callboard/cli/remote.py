"""A catalog server seen by the commands: its address, its token, and the few requests they make."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NoReturn

import typer

if TYPE_CHECKING:  # `callboard --help` reads every command, and asks no server
    import httpx

DEFAULT_URL = "http://127.0.0.1:7007"
PAGE = 500


class Remote:
    """A running Callboard or Backstage. `url` may be its base URL or that of its catalog API."""

    def __init__(
        self, url: str, token: str | None = None, transport: httpx.BaseTransport | None = None
    ) -> None:
        import httpx

        base = url.rstrip("/").removesuffix("/api/catalog")
        headers = {"authorization": f"Bearer {token}"} if token else {}
        self.url = base
        self._client = httpx.Client(
            base_url=f"{base}/api/catalog", headers=headers, timeout=60, transport=transport
        )

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        """The answer, whatever its status. Ends the command when there is none."""
        import httpx

        try:
            return self._client.request(method, path, **options)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            fail(f"{self.url} cannot be reached: {error or type(error).__name__}")

    def get(self, path: str, **params: str | int) -> Any:
        """JSON of a GET (any shape); ends the command unless it succeeds."""
        answer = self.request("GET", path, params=params)
        if answer.status_code != 200:
            fail(f"{self.url} answered {answer.status_code} to {path}: {error_message(answer)}")
        try:
            return answer.json()
        except ValueError:
            fail(f"{self.url} answered {path} with something that is not JSON")

    def entities(self) -> Iterator[dict[str, Any]]:
        """Every entity, page by page, ordered so that two exports of one catalog are alike."""
        page = self.get("/entities/by-query", limit=PAGE, orderField="metadata.uid,asc")
        while True:
            yield from page["items"]
            cursor = page["pageInfo"].get("nextCursor")
            if not cursor:
                return
            page = self.get("/entities/by-query", limit=PAGE, cursor=cursor)


def error_message(answer: httpx.Response) -> str:
    """The message of an error envelope, or the beginning of whatever came instead."""
    try:
        return str(answer.json()["error"]["message"])
    except (ValueError, KeyError, TypeError):
        return answer.text[:200] or answer.reason_phrase


def fail(message: str) -> NoReturn:
    """Ends the command with status 1."""
    typer.echo(message, err=True)
    raise typer.Exit(1)
