"""What the organisation contributes: its page, and tabs and cards of groups and users."""

from __future__ import annotations

from pathlib import Path

from callboard.plugins import Plugin
from callboard.portal.organisation import tabs
from callboard.portal.organisation.pages import PATH, branch, page
from callboard.web.contributions import EntityCard, EntityTab, NavigationItem, Page, Templates

_PEOPLE = tabs.of_kind("group", "user")

PLUGIN = Plugin(
    id="organisation",
    title="Organisation",
    contributions=(
        Templates("organisation", Path(__file__).parent / "templates"),
        Page(PATH, page),
        Page(f"{PATH}/branch", branch),
        NavigationItem("Organisation", PATH, "organisation", order=40),
        EntityTab(
            "members",
            "Members",
            "organisation/members.html",
            tabs.members_tab,
            tabs.of_kind("group"),
            order=10,
        ),
        EntityTab(
            "ownership", "Ownership", "organisation/ownership.html", tabs.ownership_tab, _PEOPLE, order=15
        ),
        EntityCard("profile", "Profile", "organisation/profile.html", tabs.profile_card, _PEOPLE, order=5),
        EntityCard("teams", "Teams", "organisation/teams.html", tabs.teams_card, tabs.has_groups, order=15),
        EntityCard(
            "child-teams",
            "Child teams",
            "organisation/teams.html",
            tabs.child_teams_card,
            tabs.has_child_groups,
            order=15,
        ),
    ),
)
