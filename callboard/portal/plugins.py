"""The plugins that Callboard itself consists of."""

from __future__ import annotations

from callboard.access.plugin import AUDIT, AUTH, EVENTS, PERMISSION
from callboard.catalog.plugin import PLUGIN as CATALOG
from callboard.insights.plugin import PLUGIN as INSIGHTS
from callboard.marketplace.desk.plugin import PLUGIN as MARKETPLACE_DESK
from callboard.marketplace.desk_pages.plugin import PLUGIN as MARKETPLACE_DESK_PAGES
from callboard.marketplace.plugin import PLUGIN as MARKETPLACE
from callboard.marketplace.site.plugin import PLUGIN as MARKETPLACE_SITE
from callboard.pipelines.plugin import PLUGIN as PIPELINES
from callboard.plugins import Plugin
from callboard.portal.apidocs.plugin import PLUGIN as APIDOCS
from callboard.portal.audit.plugin import PLUGIN as AUDIT_PAGE
from callboard.portal.catalog.plugin import PLUGIN as CATALOG_PAGES
from callboard.portal.entity.plugin import PLUGIN as ENTITY
from callboard.portal.graph.plugin import PLUGIN as GRAPH
from callboard.portal.home.plugin import PLUGIN as HOME
from callboard.portal.importing.plugin import PLUGIN as IMPORTING
from callboard.portal.operations.plugin import PLUGIN as OPERATIONS
from callboard.portal.organisation.plugin import PLUGIN as ORGANISATION
from callboard.portal.platform.plugin import PLUGIN as PLATFORM
from callboard.portal.roles.plugin import PLUGIN as ROLES
from callboard.portal.searching.plugin import PLUGIN as SEARCHING
from callboard.portal.settings.plugin import PLUGIN as SETTINGS
from callboard.portal.signin.plugin import PLUGIN as SIGN_IN
from callboard.search.plugin import PLUGIN as SEARCH
from callboard.web.plugin import PLUGIN as WEB

PLUGINS: tuple[Plugin, ...] = (
    CATALOG,
    SEARCH,
    AUTH,
    PERMISSION,
    AUDIT,
    EVENTS,
    WEB,
    HOME,
    CATALOG_PAGES,
    ENTITY,
    APIDOCS,
    GRAPH,
    IMPORTING,
    OPERATIONS,
    ORGANISATION,
    SEARCHING,
    SETTINGS,
    SIGN_IN,
    PLATFORM,
    ROLES,
    AUDIT_PAGE,
    MARKETPLACE,
    MARKETPLACE_SITE,
    MARKETPLACE_DESK,
    MARKETPLACE_DESK_PAGES,
    PIPELINES,
    INSIGHTS,
)
