"""Whether a licence is an SPDX expression, and whether wheel and listing name the same."""

from __future__ import annotations

from collections.abc import Iterator

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

from callboard.marketplace.checks.findings import Finding, error, warning


def canonical(text: str) -> str | None:
    """The expression as SPDX writes it; None for what is none."""
    try:
        return str(canonicalize_license_expression(text)) if text.strip() else None
    except InvalidLicenseExpression:
        return None


def check_license(declared: str, expression: str | None, texts: list[str]) -> Iterator[Finding]:
    """`expression` is that of the wheel's METADATA, `texts` the files of licences in it."""
    named = canonical(declared)
    if named is None:
        yield error(
            "license-unknown",
            f'"{declared}" is no SPDX licence expression, such as Apache-2.0 or MIT',
            "license",
        )
    if not expression:
        yield error(
            "license-missing", "The wheel names no licence: License-Expression in METADATA", "METADATA"
        )
    elif (own := canonical(expression)) is None:
        yield error("license-unknown", f'The wheel\'s licence "{expression}" is not SPDX', "METADATA")
    elif named is not None and own != named:
        yield error("license-differs", f"The listing says {named}, the wheel {own}", "license")
    if not texts:
        yield warning(
            "license-text-missing", "The wheel ships no text of its licence (License-File)", "METADATA"
        )
