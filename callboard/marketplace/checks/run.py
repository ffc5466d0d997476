"""All checks of one submission, and what they learn about it."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Sequence
from email.parser import BytesParser
from email.policy import compat32
from pathlib import PurePosixPath
from typing import Any

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from callboard.core.errors import InputError
from callboard.marketplace.checks.code import check_code
from callboard.marketplace.checks.findings import Finding, error, in_order, info, warning
from callboard.marketplace.checks.given import Checked, Known, Submitted
from callboard.marketplace.checks.licenses import check_license
from callboard.marketplace.checks.links import check_links, check_text_links
from callboard.marketplace.checks.names import check_names
from callboard.marketplace.checks.osv import check_vulnerabilities
from callboard.marketplace.checks.pictures import check_picture
from callboard.marketplace.checks.readme import check_markdown, check_readme
from callboard.plugins.contract import API
from callboard.plugins.install.wheel import Wheel, members, read_wheel

MAX_README = 1024 * 1024
LARGE = 5 * 1024 * 1024


def check(given: Submitted, known: Known) -> Checked:
    """Everything that can be told without asking anybody. Takes as long as reading the wheel does."""
    declared = given.declared
    found: list[Finding] = [*check_links(declared)]
    for name in ("description", "installation"):
        if text := getattr(declared, name):
            found += check_markdown(text, name)
    for at, chapter in enumerate(declared.documentation):
        found += check_markdown(chapter.markdown, f"documentation[{at}]")
    found += [*check_markdown(given.changelog, "changelog"), *check_text_links(given.changelog, "changelog")]
    for picture in given.pictures:
        found += check_picture(picture)
    if len(given.content) > known.max_wheel:
        size = f"{len(given.content):,} bytes; at most {known.max_wheel:,} are taken"
        return Checked(in_order([*found, error("wheel-size", f"The wheel has {size}", "wheel")]))
    try:
        wheel = read_wheel(given.filename, given.content)
    except InputError as refused:
        found += check_names(declared.name, declared.title, "", known.publisher, known.taken)
        return Checked(in_order([*found, error("wheel-refused", str(refused), "wheel")]))
    metadata = metadata_of(wheel)
    readme = readme_of(metadata)
    requires_python = str(metadata.get("Requires-Python") or "")[:200]
    found += check_names(declared.name, declared.title, wheel.name, known.publisher, known.taken)
    found += _identity(wheel, known)
    files = list(members(wheel))
    folder = next(path.partition("/")[0] for path, _ in files if path.split("/")[0].endswith(".dist-info"))
    texts = [path for path, _ in files if path.startswith(f"{folder}/") and _is_license(path)]
    found += check_license(declared.license, metadata.get("License-Expression"), texts)
    found += check_readme(readme, metadata.get("Description-Content-Type"))
    found += check_text_links(readme, "README")
    found += check_vulnerabilities(wheel.name, wheel.version, wheel.requires, known.own, known.osv)
    found += _manifest(wheel, known, files)
    if len(given.content) > LARGE:
        found.append(warning("wheel-large", f"The wheel has {len(given.content):,} bytes", "wheel"))
    if not metadata.get_all("Project-URL") and not metadata.get("Home-page"):
        found.append(info("links-missing", "The wheel links to no source or home (Project-URL)", "METADATA"))
    return Checked(in_order(found), wheel, readme, requires_python)


def _identity(wheel: Wheel, known: Known) -> Iterator[Finding]:
    name = canonicalize_name(wheel.name)
    if known.own_distribution and name != known.own_distribution:
        yield error(
            "package-changed", f"This listing is of {known.own_distribution}, not of {name}", "package"
        )
    for other in known.taken:
        if other.publisher != known.publisher and other.distribution == name:
            yield error("package-taken", f"The package {name} belongs to {other.publisher}", "package")
    if name in known.own:
        yield error("package-taken", f"{name} is part of what Callboard runs with", "package")
    if (name, wheel.version) in known.releases:
        yield error(
            "version-taken", f"{name} {wheel.version} was released; a version is never replaced", "version"
        )
    try:
        if Version(wheel.version).local is not None:
            yield error(
                "version-local", f"{wheel.version} is a local version; release one for others", "version"
            )
    except InvalidVersion:  # read_wheel has read it
        yield error("version-taken", f"{wheel.version} is no version", "version")


def _manifest(wheel: Wheel, known: Known, files: Sequence[tuple[str, bytes]]) -> Iterator[Finding]:
    manifest = wheel.manifest
    if manifest is None:
        yield error(
            "manifest-missing",
            "The wheel declares no plugin: an entry point in the group callboard.plugins",
            "wheel",
        )
        return
    if manifest["api"] != API:
        yield error("manifest-api", f"It is written for contract {manifest['api']}, not for {API}", "api")
    asked = {str(need["name"]) for need in manifest["needs"]}
    if known.approved is not None and (new := sorted(asked - known.approved)):
        yield warning("needs-new", f"It asks for more than the last release: {', '.join(new)}", "needs")
    for at, need in enumerate(manifest["needs"]):
        if len(str(need["why"]).strip()) < 5:
            yield warning("need-unexplained", f"Say why it needs {need['name']}", f"needs[{at}].why")
    yield from check_code(files, manifest)


def _is_license(path: str) -> bool:
    parts = PurePosixPath(path).parts
    return len(parts) > 1 and (parts[1] == "licenses" or parts[-1].upper().startswith(("LICEN", "COPYING")))


def metadata_of(wheel: Wheel) -> Any:
    """METADATA with its body, an email.Message, whose values are Any."""
    with zipfile.ZipFile(io.BytesIO(wheel.content)) as archive:
        name = next(one for one in archive.namelist() if one.endswith(".dist-info/METADATA"))
        return BytesParser(policy=compat32).parsebytes(archive.read(name))


def readme_of(metadata: Any) -> str:
    body = metadata.get_payload(decode=True) if not metadata.is_multipart() else b""
    text = (body or b"").decode("utf-8", "replace").strip()
    return (text or str(metadata.get("Description") or ""))[:MAX_README]
