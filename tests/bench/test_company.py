"""The made-up company is valid, repeatable and shaped like a real one."""

import hashlib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from bench.company import SMALLEST, Summary, facts, generate
from callboard.model.model import Model

ENTITIES = 400


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Summary]:
    folder = tmp_path_factory.mktemp("company")
    return folder, generate(folder, ENTITIES)


def read(folder: Path) -> list[dict[str, Any]]:
    return [
        document
        for file in sorted(folder.rglob("*.yaml"))
        for document in yaml.load_all(file.read_text("utf-8"), yaml.CSafeLoader)
    ]


def reached(folder: Path) -> list[Path]:
    """The files a catalog finds by following the root Location."""
    pending, found = [folder / "catalog-info.yaml"], []
    while pending:
        file = pending.pop()
        found.append(file)
        for entity in yaml.load_all(file.read_text("utf-8"), yaml.CSafeLoader):
            for target in entity["spec"].get("targets", []):
                pending += file.parent.glob(target)
    return sorted(found)


def ref(entity: dict[str, Any]) -> str:
    metadata = entity["metadata"]
    return f"{entity['kind'].lower()}:{metadata.get('namespace', 'default')}/{metadata['name']}"


def digest(folder: Path) -> str:
    total = hashlib.sha256()
    for file in sorted(folder.rglob("*.yaml")):
        total.update(str(file.relative_to(folder)).encode())
        total.update(file.read_bytes())
    return total.hexdigest()


def test_the_same_seed_writes_the_same_bytes(written: tuple[Path, Summary], tmp_path: Path) -> None:
    generate(tmp_path / "again", ENTITIES)
    generate(tmp_path / "other", ENTITIES, seed=2)
    assert digest(tmp_path / "again") == digest(written[0])
    assert digest(tmp_path / "other") != digest(written[0])


def test_every_entity_is_valid(written: tuple[Path, Summary]) -> None:
    model = Model.builtin()
    problems = {ref(entity): found for entity in read(written[0]) if (found := model.validate(entity))}
    assert problems == {}


def test_the_number_is_exact_and_no_name_is_used_twice(written: tuple[Path, Summary]) -> None:
    folder, summary = written
    refs = [ref(entity) for entity in read(folder)]
    assert len(refs) == len(set(refs)) == ENTITIES
    assert sorted(refs) == sorted(summary.refs)


@pytest.mark.parametrize("entities", [SMALLEST, 41, 137])
def test_small_companies_are_exact_too(tmp_path: Path, entities: int) -> None:
    generate(tmp_path, entities)
    assert len(read(tmp_path)) == entities


def test_a_company_below_the_smallest_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least"):
        generate(tmp_path, SMALLEST - 1)


def test_the_root_location_reaches_every_file_once(written: tuple[Path, Summary]) -> None:
    folder, summary = written
    files = reached(folder)
    assert files == sorted(folder.rglob("*.yaml"))
    assert len(files) == summary.files


def test_references_resolve_except_the_counted_few(tmp_path: Path) -> None:
    summary = generate(tmp_path, 2000)
    model, known = Model.builtin(), set(summary.refs)
    relations = {relation for entity in read(tmp_path) for relation in model.relations(entity)}
    dangling = len({relation.target for relation in relations} - known)
    assert 4 < len(relations) / len(known) < 7
    assert dangling == summary.dangling
    assert 0 < dangling < 2000 * 0.01


def test_every_fact_is_true_of_the_files(written: tuple[Path, Summary]) -> None:
    folder, summary = written
    entities = read(folder)
    known = {ref(entity) for entity in entities}
    tags = Counter(tag for entity in entities for tag in entity["metadata"].get("tags", []))
    assert set(summary.owners) <= known
    assert set(summary.systems) <= known
    assert set(summary.tags) == set(tags)
    assert tags[summary.tags[0]] == max(tags.values())
    assert set(summary.types) <= {entity["spec"].get("type") for entity in entities}
    assert facts(ENTITIES).refs == summary.refs


def test_interfaces_are_described_for_real(written: tuple[Path, Summary]) -> None:
    apis = [entity["spec"] for entity in read(written[0]) if entity["kind"] == "API"]
    assert {spec["type"] for spec in apis} == {"openapi", "grpc", "asyncapi", "graphql"}
    for spec in apis:
        if spec["type"] == "openapi":
            assert yaml.safe_load(spec["definition"])["paths"]
        if spec["type"] == "asyncapi":
            assert yaml.safe_load(spec["definition"])["channels"]


def test_the_mix_of_kinds_is_that_of_a_company() -> None:
    counts = facts(2000).counts
    assert sum(counts.values()) == 2000
    assert counts["Component"] > counts["API"] > counts["User"] > counts["Resource"] > counts["System"]
    assert counts["System"] > counts["Group"] > counts["Domain"]
