"""Screenshots become smaller and keep what they show."""

from __future__ import annotations

import base64

import numpy as np
from playwright.async_api import Browser

from tests.browser.pictures import smaller, with_palette

COLOURS_AT = """async (encoded) => {
  const blob = await (await fetch(`data:image/png;base64,${encoded}`)).blob();
  const picture = await createImageBitmap(blob);
  const canvas = new OffscreenCanvas(picture.width, picture.height).getContext('2d');
  canvas.drawImage(picture, 0, 0);
  return [...canvas.getImageData(0, 0, picture.width, picture.height).data];
}"""


async def decoded(browser: Browser, png: bytes) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    page = await browser.new_page()
    values = await page.evaluate(COLOURS_AT, base64.b64encode(png).decode())
    await page.close()
    return np.array(values).reshape(-1, 4)[:, :3]


async def test_up_to_256_colours_are_kept_exactly(browser: Browser) -> None:
    pixels = np.arange(8 * 32 * 3, dtype=np.uint64).reshape(8, 32, 3).astype(np.uint8)
    assert (await decoded(browser, with_palette(pixels)) == pixels.reshape(-1, 3)).all()


async def test_a_picture_of_a_page_gets_smaller_and_looks_the_same(browser: Browser) -> None:
    page = await browser.new_page(viewport={"width": 360, "height": 200})
    await page.set_content("<h1 style='color: #93213f'>Harbour</h1><p>All the ships are in.</p>" * 3)
    png = await page.screenshot()
    await page.close()
    small = await smaller(browser, png)
    assert len(small) < len(png)
    assert np.abs(await decoded(browser, small) - await decoded(browser, png)).max() <= 32
