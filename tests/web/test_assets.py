from __future__ import annotations

import gzip
from pathlib import Path

import brotli
import httpx
import pytest
from starlette.applications import Starlette

from callboard.web.assets import Assets


@pytest.fixture
def assets(tmp_path: Path) -> Assets:
    (tmp_path / "app.css").write_text("body{color:red}" * 100)
    (tmp_path / "one.png").write_bytes(b"\x89PNG")
    return Assets(tmp_path)


@pytest.fixture
def client(assets: Assets) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(Starlette(routes=assets.routes()))
    return httpx.AsyncClient(transport=transport, base_url="http://portal.example")


async def test_an_asset_is_named_by_its_content_and_cached_for_a_year(
    assets: Assets, client: httpx.AsyncClient
) -> None:
    answer = await client.get(assets.url("app.css"), headers={"accept-encoding": "identity"})
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"].startswith("text/css")
    assert answer.text.startswith("body{color:red}")


@pytest.mark.parametrize(("accepted", "chosen"), [("gzip, deflate, br", "br"), ("gzip", "gzip")])
async def test_an_asset_comes_compressed_as_the_client_can(
    assets: Assets, client: httpx.AsyncClient, accepted: str, chosen: str
) -> None:
    async with client.stream("GET", assets.url("app.css"), headers={"accept-encoding": accepted}) as answer:
        raw = b"".join([part async for part in answer.aiter_raw()])
    assert answer.headers["content-encoding"] == chosen
    content = brotli.decompress(raw) if chosen == "br" else gzip.decompress(raw)
    assert content.startswith(b"body{color:red}")


async def test_pictures_are_not_compressed_again(assets: Assets, client: httpx.AsyncClient) -> None:
    answer = await client.get(assets.url("one.png"))
    assert "content-encoding" not in answer.headers
    assert answer.headers["content-type"] == "image/png"


async def test_an_outdated_name_is_not_found(assets: Assets, client: httpx.AsyncClient) -> None:
    assert (await client.get("/assets/app.000000000000.css")).status_code == 404
    assert (await client.get("/assets/..%2f..%2fapp.css")).status_code == 404


def test_a_misspelt_asset_is_a_mistake(assets: Assets) -> None:
    with pytest.raises(KeyError):
        assets.url("ap.css")
