"""The configuration of the pipelines: `pipelines` in app-config.yaml."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

FOLDER = "pipelines"
"""The folder of the lake, in the folder of this process's data, where none is configured."""


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", alias_generator=to_camel, populate_by_name=True, frozen=True)


class LakeSettings(Part):
    """`url` is a folder or what fsspec opens (`s3://bucket/lake`); `options` go to its file system."""

    url: str = ""
    options: dict[str, Any] = Field(default_factory=dict)


class Limits(Part):
    """How hosts are asked: requests a second to each, tries, and the longest wait that a host may ask for."""

    per_second: float = Field(5.0, gt=0, le=100)
    tries: int = Field(3, ge=1, le=10)
    longest_wait: float = Field(60.0, ge=0, le=3600)
    """Seconds. A host that asks for more is asked again in the next run."""
    fresh_for: float = Field(43_200.0, ge=0)
    """Seconds for which an answer is used without asking whether it changed."""


class NpmSettings(Part):
    """`url` serves packuments; `downloads_url` the downloads (empty: they are not read)."""

    url: str
    downloads_url: str = ""
    history: int = Field(365, ge=1, le=5000)
    """Days of downloads to read of a package that is seen for the first time."""


class PypiSettings(Part):
    """`url` serves project JSON below `/pypi`; downloads come from a folder or HTTP JSON."""

    url: str
    downloads_folder: str = ""
    downloads_url: str = ""
    mirrors: tuple[str, ...] = ("bandersnatch", "z3c.pypimirror", "Artifactory", "devpi", "Nexus")
    """Installers whose downloads do not count."""


class OsvSettings(Part):
    """`source` is a folder of records, a zip file, or the URL under which `<ecosystem>/all.zip` lies."""

    source: str
    ecosystems: tuple[str, ...] = ("npm", "PyPI")


class DirectorySettings(Part):
    """Backstage's plugin directory: a folder of YAML files, or a URL with a glob."""

    source: str


class RecordedSettings(Part):
    """A folder with recorded answers in place of the registries. `shift` moves their days up to yesterday."""

    folder: str
    shift: bool = True


class Sources(Part):
    """What is read. What is not configured is not asked; the catalog and usage always are."""

    npm: NpmSettings | None = None
    pypi: PypiSettings | None = None
    repositories: bool = False
    """Facts of the listings' repositories, from the hosts that `integrations` knows."""
    osv: OsvSettings | None = None
    directory: DirectorySettings | None = None
    recorded: RecordedSettings | None = None
    limits: Limits = Limits()


class Usage(Part):
    """Who uses what. Off until it is enabled.

    `identify`: `none` counts events alone, `pseudonymous` tells visitors apart by a keyed hash whose key is
    thrown away when `rotate` says, `named` keeps references of users.
    """

    enabled: bool = False
    identify: Literal["none", "pseudonymous", "named"] = "pseudonymous"
    rotate: Literal["monthly", "yearly"] = "monthly"
    queue: int = Field(10_000, ge=10, le=1_000_000)
    """Events that wait in memory; more are dropped and counted."""


class PipelinesSettings(Part):
    """Off until it is enabled; then they run every hour. `owner` owns the datasets in the catalog."""

    enabled: bool = False
    owner: str = ""
    lake: LakeSettings = LakeSettings()
    engine: Literal["duckdb", "spark"] = "duckdb"
    memory: str = "2GB"
    """What the engine may use."""
    sources: Sources = Sources()
    usage: Usage = Usage()

    def lake_url(self, data: Path) -> str:
        """Where the lake is; `data` is the folder of this process's data."""
        return self.lake.url or str(data / FOLDER)
