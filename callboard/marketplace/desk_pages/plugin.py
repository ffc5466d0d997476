"""What the pages of the desk contribute."""

from __future__ import annotations

from pathlib import Path

from callboard.marketplace.desk_pages import listings, publishers, shelf, submissions
from callboard.marketplace.desk_pages.desk import ROOT
from callboard.marketplace.desk_pages.updates import alerts, updates_card
from callboard.plugins import Plugin
from callboard.web.contributions import NavigationItem, OperationsCard, Page, Templates

_P, _S, _L = f"{ROOT}/publishers/{{name}}", f"{ROOT}/submissions/{{id}}", f"{ROOT}/listings/{{name}}"
_O = f"{ROOT}/shelf/{{namespace}}/{{name}}"
_POST = ("POST",)

PLUGIN = Plugin(
    id="marketplace-desk-pages",
    title="Marketplace: pages of the desk",
    description="Where publishers submit and release, and reviewers decide.",
    contributions=(
        Page(ROOT, publishers.overview),
        Page(f"{ROOT}/apply", publishers.ask),
        Page(f"{ROOT}/apply", publishers.apply, methods=_POST),
        Page(f"{ROOT}/review", submissions.queue),
        Page(f"{ROOT}/report", listings.ask_report),
        Page(f"{ROOT}/report", listings.report, methods=_POST),
        Page(f"{ROOT}/reports/{{id}}", listings.decide_report, methods=_POST),
        Page(_P, publishers.show),
        Page(f"{_P}/edit", publishers.edit, methods=_POST),
        Page(f"{_P}/domains", publishers.add_domain, methods=_POST),
        Page(f"{_P}/domains/drop", publishers.drop_domain, methods=_POST),
        Page(f"{_P}/prove", publishers.prove, methods=_POST),
        Page(f"{_P}/members", publishers.member, methods=_POST),
        Page(f"{_P}/tokens", publishers.create_token, methods=_POST),
        Page(f"{_P}/tokens/revoke", publishers.revoke_token, methods=_POST),
        Page(f"{_P}/decide", publishers.decide, methods=_POST),
        Page(f"{_P}/submit", submissions.ask),
        Page(f"{_P}/submit", submissions.create, methods=_POST),
        Page(_S, submissions.show),
        Page(_S, submissions.act, methods=_POST),
        Page(f"{_S}/edit", submissions.edit),
        Page(f"{_S}/edit", submissions.save, methods=_POST),
        Page(_O, shelf.show),
        Page(_O, shelf.act, methods=_POST),
        Page(_L, listings.show),
        Page(_L, listings.act, methods=_POST),
        OperationsCard("updates", "Updates of plugins", "desk/updates.html", updates_card, alerts=alerts),
        NavigationItem("Publisher desk", ROOT, "verified", order=62),
        Templates("desk", Path(__file__).parent / "templates"),
    ),
)
