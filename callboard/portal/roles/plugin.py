"""What the pages of the roles contribute."""

from __future__ import annotations

from pathlib import Path

from callboard.access.roles.service import POLICY_READ, POLICY_UPDATE
from callboard.plugins import Need, Plugin
from callboard.portal.roles import forms, grants, pages, preview, versions
from callboard.portal.roles.desk import ID
from callboard.web.contributions import NavigationItem, Page, Templates

PLUGIN = Plugin(
    id=ID,
    title="Roles",
    description="Who may do what: roles with members and grants, versions, and an explained preview.",
    needs=(Need("identity", "Changes and explains what people may do."),),
    contributions=(
        POLICY_READ,
        POLICY_UPDATE,
        Page("/admin/roles", pages.overview),
        Page("/admin/roles", forms.create, methods=("POST",)),
        Page("/admin/roles/preview", preview.preview),
        Page("/admin/roles/versions", versions.versions),
        Page("/admin/roles/versions/{version:int}", versions.version),
        Page("/admin/roles/versions/{version:int}", versions.restore, methods=("POST",)),
        Page("/admin/roles/check", grants.check, methods=("POST",)),
        Page("/admin/roles/role/{name}", pages.role),
        Page("/admin/roles/role/{name}", forms.describe, methods=("POST",)),
        Page("/admin/roles/role/{name}/members", forms.members, methods=("POST",)),
        Page("/admin/roles/role/{name}/delete", forms.delete, methods=("POST",)),
        Page("/admin/roles/role/{name}/grants/new", grants.edit),
        Page("/admin/roles/role/{name}/grants/new", grants.save, methods=("POST",)),
        Page("/admin/roles/role/{name}/grants/{number:int}", grants.edit),
        Page("/admin/roles/role/{name}/grants/{number:int}", grants.save, methods=("POST",)),
        Page("/admin/roles/role/{name}/grants/{number:int}/remove", grants.remove, methods=("POST",)),
        NavigationItem("Roles", "/admin/roles", "owner", order=30, section="end", permission=POLICY_READ),
        Templates("roles", Path(__file__).parent / "templates"),
    ),
)
