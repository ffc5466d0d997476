"""Which entities get an owner, and how the owners of a CODEOWNERS file are called in the catalog."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, field_validator

from callboard.core.errors import InputError
from callboard.model.refs import parse_ref

KINDS = ("API", "Component", "Domain", "Resource", "System", "Template")


class Settings(BaseModel):
    """The part `codeowners` of app-config.yaml."""

    model_config = ConfigDict(extra="forbid")

    mapping: dict[str, str] = Field(
        default_factory=dict,
        description="Entity references by what stands in the file: @org/team, @user or an e-mail address",
    )
    kinds: list[str] = Field(default_factory=lambda: list(KINDS), description="Kinds of entities to complete")

    @field_validator("mapping")
    @classmethod
    def _references(cls, value: dict[str, str]) -> dict[str, str]:
        for name, ref in value.items():
            try:
                parse_ref(ref, default_kind="group")
            except InputError as error:
                raise ValueError(f"{name}: {error}") from None
        return {name.lower(): ref for name, ref in value.items()}

    def takes(self, kind: object) -> bool:
        return str(kind).lower() in {one.lower() for one in self.kinds}
