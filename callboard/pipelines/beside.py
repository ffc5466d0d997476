"""Small files beside the datasets of a lake: what sources remember, answers they keep, events that wait."""

from __future__ import annotations

from callboard.pipelines.lake import Lake


def get(lake: Lake, path: str) -> bytes | None:
    """The content of a file beside the datasets; None when there is none."""
    try:
        content: bytes = lake.fs.cat_file(path)
    except FileNotFoundError:
        return None
    return content


def put(lake: Lake, path: str, content: bytes) -> None:
    """Let a file beside the datasets appear whole."""
    if not lake.is_local:
        lake.fs.pipe_file(path, content)
        return
    lake.fs.makedirs(path.rpartition("/")[0], exist_ok=True)
    unfinished = f"{path}.unfinished"
    lake.fs.pipe_file(unfinished, content)
    lake.fs.mv(unfinished, path)
