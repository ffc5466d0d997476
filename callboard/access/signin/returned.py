"""How a browser comes back from a provider."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Returned:
    """What the browser brought back from the provider: the parameters of the callback."""

    code: str | None
    issuer: str | None = None
    error: str | None = None
