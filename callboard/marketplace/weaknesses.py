"""What is known to be vulnerable in an installed plugin, or in one that is to be installed. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from callboard.marketplace.checks.osv import OsvDatabase
from callboard.marketplace.checks.severity import Severity

_ORDER: dict[Severity, int] = {"critical": 0, "high": 1, "moderate": 2, "": 3, "low": 4}


@dataclass(frozen=True, slots=True)
class Weakness:
    """A vulnerability of one package. `fixed` is the lowest version without it; empty is not known."""

    package: str
    version: str
    id: str
    severity: Severity
    summary: str
    fixed: str
    url: str

    @property
    def text(self) -> str:
        """In a line."""
        how = f" ({self.severity})" if self.severity else ""
        what = f": {self.summary}" if self.summary else ""
        fixed = f"fixed in {self.fixed}" if self.fixed else "no fixed version is known"
        return f"{self.package} {self.version} has {self.id}{how}{what}; {fixed}"


def weaknesses_of(packages: Iterable[tuple[str, str]], osv: OsvDatabase) -> tuple[Weakness, ...]:
    """Of packages with their versions, the most severe first."""
    found = [
        Weakness(name, version, one.id, one.severity, one.summary, one.fixed_for(version), one.url)
        for name, version in packages
        for one in osv.affecting(name, version)
    ]
    return tuple(sorted(found, key=lambda one: (_ORDER[one.severity], one.package, one.id)))
