"""The page at `/` until the portal exists: what the catalog holds, and where its API is."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

_LINKS = (
    ("/api/catalog/entities/by-query?limit=20", "The first 20 entities"),
    ("/api/catalog/entity-facets?facet=kind", "Entities per kind"),
    ("/api/catalog/problems", "Problems found in the sources"),
    ("/openapi.json", "Description of the API (OpenAPI 3.1)"),
    ("/.backstage/health/v1/readiness", "Readiness"),
)


def landing_page(title: str, kinds: Sequence[tuple[str, int]], *, ready: bool) -> str:
    """HTML without style or script, so that the strictest content security policy applies to it."""
    rows = "\n".join(_row(kind, count) for kind, count in kinds)
    links = "\n".join(f'<li><a href="{escape(url)}">{escape(text)}</a></li>' for url, text in _LINKS)
    total = sum(count for _, count in kinds)
    state = "" if ready else "<p>The catalog is still being read; numbers grow until it is whole.</p>\n"
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{escape(title)}</title>
</head>
<body>
<main>
<h1>{escape(title)}</h1>
{state}<table>
<caption>{total} entities in the catalog</caption>
<thead><tr><th scope="col">Kind</th><th scope="col">Entities</th></tr></thead>
<tbody>
{rows}
</tbody>
</table>
<h2>API</h2>
<ul>
{links}
</ul>
</main>
</body>
</html>
"""


def _row(kind: str, count: int) -> str:
    return f'<tr><th scope="row">{escape(kind)}</th><td>{count}</td></tr>'
