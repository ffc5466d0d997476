"""Makes screenshots small: at most 256 colours and the best compression, which flat pages bear unseen."""

from __future__ import annotations

import base64
import struct
import zlib
from typing import cast

import numpy as np
from numpy.typing import NDArray
from playwright.async_api import Browser

COLOURS = 256
_MAGIC = b"\x89PNG\r\n\x1a\n"
_DECODE = """async (encoded) => {
  const blob = await (await fetch(`data:image/png;base64,${encoded}`)).blob();
  const picture = await createImageBitmap(blob);
  const canvas = new OffscreenCanvas(picture.width, picture.height).getContext('2d');
  canvas.drawImage(picture, 0, 0);
  const { data } = canvas.getImageData(0, 0, picture.width, picture.height);
  const raw = new Blob([data]);
  const url = await new Promise((resolve) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.readAsDataURL(raw);
  });
  return [picture.width, picture.height, url.slice(url.indexOf(',') + 1)];
}"""


async def smaller(browser: Browser, png: bytes) -> bytes:
    """The same picture with a palette, or as it came when that is no smaller. The browser decodes it."""
    page = await browser.new_page()
    width, height, raw = await page.evaluate(_DECODE, base64.b64encode(png).decode())
    await page.close()
    pixels = np.frombuffer(base64.b64decode(raw), dtype=np.uint8).reshape(height, width, 4)[:, :, :3]
    return min(with_palette(pixels), png, key=len)


def with_palette(pixels: NDArray[np.uint8]) -> bytes:
    """A PNG of an array of rows of red, green and blue."""
    height, width, _ = pixels.shape
    wide = pixels.astype(np.uint32)
    packed = (wide[:, :, 0] << 16 | wide[:, :, 1] << 8 | wide[:, :, 2]).ravel()
    found, inverse, counts = np.unique(packed, return_inverse=True, return_counts=True)
    # The commonest colours; a page's rare ones are shades between two of them at the edges of letters.
    palette = np.sort(found[np.argsort(counts, kind="stable")[::-1][:COLOURS]])
    rows = _nearest(found, palette)[inverse].reshape(height, width)
    lines = np.zeros((height, width + 1), dtype=np.uint8)  # the first byte of a line: no filter
    lines[:, 1:] = rows
    head = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    chunks = (
        (b"IHDR", head),
        (b"PLTE", _channels(palette).astype(np.uint8).tobytes()),
        (b"IDAT", zlib.compress(lines.tobytes(), 9)),
        (b"IEND", b""),
    )
    return _MAGIC + b"".join(_chunk(kind, data) for kind, data in chunks)


def _nearest(colours: NDArray[np.uint32], palette: NDArray[np.uint32]) -> NDArray[np.uint8]:
    """For each colour the place of the palette's nearest one."""
    wanted, offered = _channels(colours), _channels(palette)
    places = np.empty(len(colours), dtype=np.uint8)
    for start in range(0, len(colours), 4096):  # so that the table of distances stays small
        part = wanted[start : start + 4096, None, :] - offered[None, :, :]
        places[start : start + 4096] = (part * part).sum(axis=2).argmin(axis=1)
    return places


def _channels(packed: NDArray[np.uint32]) -> NDArray[np.int32]:
    parts = np.stack([packed >> 16, packed >> 8 & 255, packed & 255], axis=1)
    return cast("NDArray[np.int32]", parts.astype(np.int32))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
