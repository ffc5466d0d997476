"""What can be allowed in the catalog, and the rules that conditions about entities are made of.

Names, parameters and meaning are Backstage's (contract notes, part A2). A rule is a condition
over the search terms of an entity, so that one entity and a whole list are judged by the same words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from callboard.access.permissions import AllOf, AnyOf, Criteria, Not, Permission, PermissionRule, Rule
from callboard.catalog.query import conditions
from callboard.catalog.query.conditions import Condition, Exists, OneOf
from callboard.catalog.query.holding import holds

ENTITY = "catalog-entity"

ENTITY_READ = Permission("catalog.entity.read", "read", ENTITY)
ENTITY_CREATE = Permission("catalog.entity.create", "create")
ENTITY_DELETE = Permission("catalog.entity.delete", "delete", ENTITY)
ENTITY_REFRESH = Permission("catalog.entity.refresh", "update", ENTITY)
ENTITY_VALIDATE = Permission("catalog.entity.validate")
LOCATION_READ = Permission("catalog.location.read", "read")
LOCATION_CREATE = Permission("catalog.location.create", "create")
LOCATION_DELETE = Permission("catalog.location.delete", "delete")
LOCATION_ANALYZE = Permission("catalog.location.analyze", "read")
UNPROCESSED_READ = Permission("catalog.entity.unprocessed.read", "read")
UNPROCESSED_DELETE = Permission("catalog.entity.unprocessed.delete", "delete")
OPERATIONS_READ = Permission("catalog.operations.read", "read")
OPERATIONS_UPDATE = Permission("catalog.operations.update", "update")

PERMISSIONS = (
    ENTITY_READ,
    ENTITY_CREATE,
    ENTITY_DELETE,
    ENTITY_REFRESH,
    ENTITY_VALIDATE,
    LOCATION_READ,
    LOCATION_CREATE,
    LOCATION_DELETE,
    LOCATION_ANALYZE,
    UNPROCESSED_READ,
    UNPROCESSED_DELETE,
    OPERATIONS_READ,
    OPERATIONS_UPDATE,
)

Arguments = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class EntityRule(PermissionRule):
    """A rule about entities. `condition` translates its parameters to what the read index answers."""

    condition: Callable[[Arguments], Condition] = field(kw_only=True, compare=False)


def condition_of(criteria: Criteria, rules: Mapping[tuple[str, str], PermissionRule]) -> Condition:
    """Criteria about entities as a condition. KeyError for a rule that is not there, so check them first."""
    match criteria:
        case AllOf(parts):
            return conditions.AllOf(tuple(condition_of(part, rules) for part in parts))
        case AnyOf(parts):
            return conditions.AnyOf(tuple(condition_of(part, rules) for part in parts))
        case Not(part):
            return conditions.Not(condition_of(part, rules))
        case Rule(name, type_):
            rule = rules[type_, name]
            if not isinstance(rule, EntityRule):
                raise KeyError(f"the rule {name} is not about entities")
            return rule.condition(criteria.arguments)


def _texts(description: str) -> dict[str, Any]:
    return {"type": "string", "minLength": 1, "description": description}


def _list(description: str) -> dict[str, Any]:
    return {"type": "array", "items": {"type": "string"}, "description": description}


def _schema(required: Mapping[str, Any], optional: Mapping[str, Any] | None = None) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {**required, **(optional or {})},
        "required": list(required),
        "additionalProperties": False,
    }


def _valued(prefix: str, key: str) -> Callable[[Arguments], Condition]:
    """A field named by the parameter `key`, with the value of the parameter `value` where it is given."""

    def condition(arguments: Arguments) -> Condition:
        field = f"{prefix}.{arguments[key]}".lower()
        value = arguments.get("value")
        return Exists(field) if value is None else OneOf(field, (str(value).lower(),))

    return condition


def _rule(
    name: str, description: str, schema: Mapping[str, Any], condition: Callable[[Arguments], Condition]
) -> EntityRule:
    return EntityRule(
        "catalog",
        name,
        description,
        ENTITY,
        schema,
        lambda entity, arguments: holds(condition(arguments), entity),
        condition=condition,
    )


_VALUE = {"value": {"type": "string", "description": "The value it must have; any when absent"}}

RULES: tuple[EntityRule, ...] = (
    _rule(
        "HAS_ANNOTATION",
        "Allow entities with the specified annotation",
        _schema({"annotation": _texts("Name of the annotation")}, _VALUE),
        _valued("metadata.annotations", "annotation"),
    ),
    _rule(
        "HAS_LABEL",
        "Allow entities with the specified label",
        _schema({"label": _texts("Name of the label")}, _VALUE),
        _valued("metadata.labels", "label"),
    ),
    _rule(
        "HAS_METADATA",
        "Allow entities with the specified metadata subfield",
        _schema({"key": _texts("Path of the field below `metadata`, with dots")}, _VALUE),
        _valued("metadata", "key"),
    ),
    _rule(
        "HAS_SPEC",
        "Allow entities with the specified spec subfield",
        _schema({"key": _texts("Path of the field below `spec`, with dots")}, _VALUE),
        _valued("spec", "key"),
    ),
    _rule(
        "IS_ENTITY_KIND",
        "Allow entities of one of the specified kinds",
        _schema({"kinds": _list("Kinds, in any case")}),
        lambda arguments: OneOf("kind", tuple(str(kind).lower() for kind in arguments["kinds"])),
    ),
    _rule(
        "IS_ENTITY_OWNER",
        "Allow entities owned by one of the specified claims",
        _schema({"claims": _list("Refs of users and groups")}),
        lambda arguments: OneOf(
            "relations.ownedby", tuple(str(claim).lower() for claim in arguments["claims"])
        ),
    ),
)
