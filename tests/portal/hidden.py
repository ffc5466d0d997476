"""A catalog of which a part is hidden: whatever is hidden carries a word that stands nowhere else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from callboard.access.permissions import ALLOWED, Decision, Permission, PolicyContribution, Result
from callboard.access.permissions.criteria import read_criteria
from callboard.access.principals import Principal
from callboard.catalog.permissions import ENTITY
from callboard.plugins import Plugin

CANARY = "zyxcanary"
SECRET_KINDS = ("resource", "domain")
USER = "user:default/jane"


def rule(name: str, **params: Any) -> dict[str, Any]:
    return {"rule": name, "resourceType": ENTITY, "params": params}


def only_open(name: str) -> dict[str, Any]:
    """Conditions that a rule decides; each admits exactly the entities that `open_entity` makes."""
    return {
        "HAS_ANNOTATION": rule("HAS_ANNOTATION", annotation="example.org/open", value="yes"),
        "HAS_LABEL": rule("HAS_LABEL", label="open"),
        "HAS_METADATA": rule("HAS_METADATA", key="open", value="yes"),
        "HAS_SPEC": rule("HAS_SPEC", key="open"),
        "IS_ENTITY_OWNER": {
            "anyOf": [
                rule("IS_ENTITY_OWNER", claims=["group:default/crew"]),
                {
                    "allOf": [
                        rule("IS_ENTITY_KIND", kinds=["Group", "User"]),
                        rule("HAS_LABEL", label="open"),
                    ]
                },
            ]
        },
        "IS_ENTITY_KIND": {"not": rule("IS_ENTITY_KIND", kinds=["Resource", "Domain"])},
    }[name]


RULES = ("HAS_ANNOTATION", "HAS_LABEL", "HAS_METADATA", "HAS_SPEC", "IS_ENTITY_OWNER", "IS_ENTITY_KIND")


@dataclass(frozen=True, slots=True)
class Hiding:
    """Users may do everything, but only with what a rule admits."""

    rule: str
    version: int = 1

    async def handle(self, permission: Permission, user: Principal) -> Decision:
        if permission.resource_type != ENTITY:
            return ALLOWED
        return Decision(Result.CONDITIONAL, "catalog", ENTITY, read_criteria(only_open(self.rule)))


def hiding(rule: str) -> Plugin:
    """A plugin with the policy `hiding`."""
    return Plugin("hiding", "Hiding", (PolicyContribution("hiding", lambda _: Hiding(rule)),))


def _entity(kind: str, name: str, spec: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    place = f"url:https://example.org/{name}.yaml"
    given = metadata.pop("annotations", {})
    return {
        "apiVersion": "backstage.io/v1alpha1",
        "kind": kind,
        "metadata": {
            "name": name,
            "annotations": {
                "backstage.io/managed-by-location": place,
                "backstage.io/managed-by-origin-location": place,
                **given,
            },
            **metadata,
        },
        "spec": spec,
    }


def open_entity(kind: str, name: str, **spec: Any) -> dict[str, Any]:
    """An entity that every rule admits."""
    return _entity(
        kind,
        name,
        {**spec, "open": "yes"},
        title=f"Open {name}",
        description="Nothing to hide",
        labels={"open": "yes"},
        annotations={"example.org/open": "yes"},
        open="yes",
        tags=["bright"],
    )


def secret_entity(kind: str, name: str, word: str = CANARY, **spec: Any) -> dict[str, Any]:
    """An entity that no rule admits, with the word in every field."""
    return _entity(
        kind,
        f"{CANARY}-{name}",
        {"type": word, "lifecycle": word, **spec, "note": word},
        title=f"{word} {name}",
        description=f"about {word}",
        labels={"closed": word},
        annotations={f"example.org/{word}": word},
        tags=[word],
        links=[{"url": f"https://example.org/{word}", "title": word}],
    )


def catalog(rule: str, word: str = CANARY) -> list[dict[str, Any]]:
    """Open entities, and secret ones that are related to them in every way the rule leaves possible."""
    profile = {"displayName": "Jane", "email": "jane@example.org"}
    software = {"type": "service", "lifecycle": "production", "owner": "crew"}
    found = [
        open_entity("Group", "crew", type="team", children=[]),
        open_entity("User", "jane", profile=profile, memberOf=["crew"]),
        open_entity("Component", "ferry", **software, system="fleet", providesApis=["tides"]),
        open_entity("API", "tides", **{**software, "type": "openapi"}, definition="openapi: 3.0.0"),
        open_entity("System", "fleet", owner="crew"),
    ]
    hidden = [
        # `crew` would admit what it owns, where ownership is the rule.
        secret_entity("Resource", "store", word, owner=f"{CANARY}-team", dependencyOf=["component:ferry"]),
        secret_entity("Domain", "sea", word, owner=f"{CANARY}-team"),
    ]
    if rule != "IS_ENTITY_KIND":
        team = f"{CANARY}-team"
        shown = {"displayName": f"{word} person", "email": f"{word}@example.org"}
        hidden += [
            secret_entity("Group", "team", word, profile=shown, parent="crew", children=[]),
            secret_entity("User", "spy", word, profile=shown, memberOf=["crew", team]),
            secret_entity(
                "Component", "ship", word, owner=team, system="fleet", dependsOn=["component:ferry"]
            ),
            secret_entity("API", "codes", word, owner=team, system="fleet", definition=word),
            secret_entity("System", "net", word, owner=team),
        ]
    return found + hidden


def secret_refs(rule: str) -> list[str]:
    """The refs of what is hidden."""
    every = (f"{one['kind']}:default/{one['metadata']['name']}".lower() for one in catalog(rule))
    return [ref for ref in every if CANARY in ref]
