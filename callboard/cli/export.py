"""`callboard export`: every entity of a running catalog, as YAML documents or a JSON array."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from callboard.cli.remote import DEFAULT_URL, Remote, fail

_GIVEN_BY_SERVER = ("uid", "etag")


def export(
    source: Annotated[
        str, typer.Option("--from", envvar="CALLBOARD_URL", help="A running catalog.")
    ] = DEFAULT_URL,
    output: Annotated[str, typer.Option(help="A file; - is standard output.")] = "-",
    form: Annotated[Literal["yaml", "json"], typer.Option("--format")] = "yaml",
    descriptors: Annotated[
        bool, typer.Option("--descriptors", help="Leave out what the server added: fit to be read in again.")
    ] = False,
    token: Annotated[
        str | None, typer.Option(envvar="CALLBOARD_TOKEN", help="A bearer token.", show_envvar=True)
    ] = None,
) -> None:
    """Write every entity of a running catalog."""
    entities: Iterable[dict[str, Any]] = Remote(source, token).entities()
    if descriptors:
        entities = map(as_descriptor, entities)
    chunks = yaml_chunks(entities) if form == "yaml" else json_chunks(entities)
    if output == "-":
        for chunk in chunks:
            sys.stdout.write(chunk)
        return
    try:
        with Path(output).open("w", encoding="utf-8") as file:
            file.writelines(chunks)
    except OSError as error:
        fail(f"{output} cannot be written: {error.strerror}")


def as_descriptor(entity: dict[str, Any]) -> dict[str, Any]:
    """The entity as a person would have written it."""
    kept = {key: value for key, value in entity.items() if key not in ("relations", "status")}
    metadata = {key: value for key, value in entity["metadata"].items() if key not in _GIVEN_BY_SERVER}
    annotations = {
        key: value
        for key, value in metadata.pop("annotations", {}).items()
        if not key.startswith("backstage.io/managed-by-") and key != "backstage.io/orphan"
    }
    if annotations:
        metadata["annotations"] = annotations
    return {**kept, "metadata": metadata}


def yaml_chunks(entities: Iterable[dict[str, Any]]) -> Iterator[str]:
    """YAML 1.2, one document an entity."""
    import ryaml

    for entity in entities:
        yield "---\n" + ryaml.dumps(entity)  # type: ignore[attr-defined]  # its stubs forget to export it


def json_chunks(entities: Iterable[dict[str, Any]]) -> Iterator[str]:
    """One JSON array."""
    import orjson

    before = "[\n"
    for entity in entities:
        yield before + orjson.dumps(entity).decode()
        before = ",\n"
    yield "[]\n" if before == "[\n" else "\n]\n"
