from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callboard.access.permissions import ALLOWED, DENIED, Permission, Result
from callboard.access.permissions.criteria import AllOf, AnyOf, Not, Rule, applies
from callboard.access.roles.document import Policies, failing_closed
from callboard.access.roles.evaluate import decide, explain, rules_hold
from callboard.access.roles.reading import read_policies
from tests.access.roles.speech import (
    CREATE,
    DELETE,
    KNOWN,
    LOCATION,
    OWNED,
    READ,
    RULES,
    TASK,
    grant,
    role,
    rule,
)

JANE, DEV, OPS = "user:default/jane", "group:default/dev", "group:default/ops"
OWNS = (JANE, DEV)
KINDS = rule("IS_ENTITY_KIND", kinds=["API"])
OWNED_BY_JANE = Rule("IS_ENTITY_OWNER", "catalog-entity", (("claims", OWNS),))
IS_API = Rule("IS_ENTITY_KIND", "catalog-entity", (("kinds", ("API",)),))


def policies(*roles: Mapping[str, Any]) -> Policies:
    return read_policies({"roles": list(roles)}, KNOWN)


def conditions_for(*roles: Mapping[str, Any]) -> Any:
    found = decide(policies(*roles), READ, JANE, OWNS)
    assert (found.result, found.plugin, found.resource_type) == (
        Result.CONDITIONAL,
        "catalog",
        "catalog-entity",
    )
    return found.conditions


def words(*roles: Mapping[str, Any], entity: Mapping[str, Any] | None = None, **more: Any) -> str:
    holds = None if entity is None else rules_hold(RULES, entity, "catalog-entity")
    return explain(policies(*roles), READ, JANE, OWNS, holds=holds, **more).words


def test_without_a_role_that_says_anything_all_is_denied() -> None:
    assert decide(policies(), READ, JANE, OWNS) == DENIED
    assert decide(policies(role("ops", [OPS], grant("*"))), READ, JANE, OWNS) == DENIED
    assert decide(policies(role("dev", [DEV], grant("catalog.location.*"))), READ, JANE, OWNS) == DENIED


@pytest.mark.parametrize("member", [JANE, DEV, "*", "User:Default/Jane"])
def test_a_role_is_held_in_person_through_a_group_or_as_anyone(member: str) -> None:
    assert decide(policies(role("some", [member], grant("catalog.entity.read"))), READ, JANE, OWNS) == ALLOWED


def test_a_user_without_known_groups_is_still_that_user() -> None:
    assert decide(policies(role("some", [JANE], grant("*"))), READ, JANE, ()) == ALLOWED


def test_a_pattern_and_an_action_choose_permissions() -> None:
    found = policies(role("dev", [DEV], grant("catalog.*", action="read")))
    allowed = [one for one in KNOWN.permissions if decide(found, one, JANE, OWNS) == ALLOWED]
    assert allowed == [READ, LOCATION]


def test_a_denial_without_conditions_wins_over_every_role() -> None:
    yes, no = role("a", [DEV], grant("*")), role("b", [JANE], grant("catalog.entity.*", "deny"))
    for order in ((yes, no), (no, yes)):
        assert decide(policies(*order), READ, JANE, OWNS) == DENIED
        assert decide(policies(*order), LOCATION, JANE, OWNS) == ALLOWED


def test_conditions_of_several_roles_are_joined_by_any() -> None:
    first, second = (
        role(name, [DEV], grant("*", conditions=one)) for name, one in (("a", OWNED), ("b", KINDS))
    )
    assert conditions_for(first) == OWNED_BY_JANE
    assert conditions_for(first, second) == AnyOf((OWNED_BY_JANE, IS_API))
    assert conditions_for(first, second, {**first, "name": "c"}) == AnyOf((OWNED_BY_JANE, IS_API))


def test_an_allowance_without_conditions_makes_conditional_ones_needless() -> None:
    assert (
        decide(policies(role("a", [DEV], grant("*"), grant("*", conditions=OWNED))), READ, JANE, OWNS)
        == ALLOWED
    )


def test_a_conditional_denial_is_taken_away() -> None:
    no = grant("*", "deny", KINDS)
    assert conditions_for(role("a", [DEV], grant("*"), no)) == Not(IS_API)
    assert conditions_for(role("a", [DEV], grant("*", conditions=OWNED), no)) == AllOf(
        (OWNED_BY_JANE, Not(IS_API))
    )
    assert decide(policies(role("a", [DEV], no)), READ, JANE, OWNS) == DENIED


def test_conditions_say_nothing_about_what_they_are_not_about() -> None:
    found = policies(role("a", [DEV], grant("*", conditions=OWNED)))
    assert decide(found, TASK, JANE, OWNS) == DENIED
    assert decide(found, CREATE, JANE, OWNS) == DENIED
    less = policies(role("a", [DEV], grant("*"), grant("*", "deny", OWNED)))
    assert decide(less, CREATE, JANE, OWNS) == ALLOWED


def test_placeholders_stand_for_the_one_who_asks() -> None:
    def claims(value: Any) -> Any:
        one = grant("catalog.entity.read", conditions=rule("IS_ENTITY_OWNER", claims=value))
        return conditions_for(role("a", ["*"], one)).arguments["claims"]

    assert claims("$ownerRefs") == OWNS
    assert claims(["$ownerRefs", OPS]) == (*OWNS, OPS)
    assert claims(["$currentUser"]) == (JANE,)


def test_rules_that_are_gone_open_nothing() -> None:
    allowing = policies(role("a", [DEV], grant("*", conditions=OWNED), grant("catalog.location.read")))
    denying = policies(role("a", [DEV], grant("*"), grant("catalog.entity.read", "deny", {"not": OWNED})))
    kept = [one for one in RULES if one.name != "IS_ENTITY_OWNER"]
    assert decide(failing_closed(allowing, kept), READ, JANE, OWNS) == DENIED
    assert decide(failing_closed(allowing, kept), LOCATION, JANE, OWNS) == ALLOWED
    assert decide(failing_closed(denying, kept), READ, JANE, OWNS) == DENIED
    assert failing_closed(allowing, RULES) == allowing


def test_an_explanation_names_roles_members_and_grants_in_order() -> None:
    found = explain(
        policies(
            role("idle", ["*"], grant("scaffolder.*")),
            role("other", [OPS], grant("*")),
            role(
                "dev", [DEV, "*"], grant("policy.*"), grant("*", conditions=OWNED), grant("*", "deny", KINDS)
            ),
        ),
        READ,
        JANE,
        OWNS,
    )
    assert [(one.role.name, one.because) for one in found.roles] == [("idle", ("*",)), ("dev", (DEV, "*"))]
    assert [(one.number, one.conditions) for one in found.roles[1].grants] == [
        (2, OWNED_BY_JANE),
        (3, IS_API),
    ]
    assert found.words == (
        'Allowed where the conditions of role "dev" hold, but not where those that role "dev" denies hold.'
    )
    assert found.as_json()["result"] == "CONDITIONAL"
    assert found.as_json()["roles"][1]["grants"][0]["conditions"]["params"] == {"claims": list(OWNS)}


def test_the_outcome_is_said_in_words() -> None:
    yes, no = role("yes", [DEV], grant("*")), role("no", [JANE], grant("*", "deny"))
    some, less = (
        role("some", [DEV], grant("*", conditions=OWNED)),
        role("less", [DEV], grant("*", "deny", KINDS)),
    )
    assert words() == "Denied: the user has no role."
    assert words(role("a", [DEV])) == "Denied: no role of the user says anything about this permission."
    assert words(yes) == 'Allowed by role "yes".'
    assert words(yes, no) == 'Denied: role "no" denies it, and a denial wins over whatever allows.'
    assert words(less) == "Denied: roles of the user take something away, none allows."
    assert words(some) == 'Allowed where the conditions of role "some" hold.'
    assert words(yes, less) == 'Allowed by role "yes", but not where those that role "less" denies hold.'
    assert words(no, admins={DEV}).startswith("Allowed: group:default/dev stands among")


def test_the_outcome_for_one_entity_is_said_in_words() -> None:
    own_api = {"owner": DEV, "kind": "API", "labels": {}}
    foreign = {"owner": OPS, "kind": "Component", "labels": {}}
    some, less = (
        role("some", [DEV], grant("*", conditions=OWNED)),
        role("less", [DEV], grant("*", "deny", KINDS)),
    )
    assert words(some, entity=own_api) == 'Allowed: the conditions of role "some" hold.'
    assert words(some, entity=foreign).startswith("Denied: conditions under which roles")
    assert (
        words(some, less, entity=own_api) == 'Denied: role "less" denies it under conditions that hold here.'
    )


# Against a model that looks at every entity and every grant by itself.

_CLAIM_LISTS = ["$ownerRefs", ["$currentUser"], [OPS], ["$ownerRefs", OPS], []]
SINGLE = st.one_of(
    st.sampled_from(_CLAIM_LISTS).map(lambda claims: rule("IS_ENTITY_OWNER", claims=claims)),
    st.sampled_from([["API"], ["api", "Group"], []]).map(lambda kinds: rule("IS_ENTITY_KIND", kinds=kinds)),
    st.sampled_from([{"label": "tier"}, {"label": "tier", "value": "gold"}]).map(
        lambda one: rule("HAS_LABEL", **one)
    ),
)
CONDITIONS = st.recursive(
    SINGLE,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"anyOf": parts}),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"allOf": parts}),
        inner.map(lambda part: {"not": part}),
    ),
    max_leaves=5,
)
GRANTS = st.fixed_dictionaries(
    {
        "permission": st.sampled_from(["*", "catalog.*", "catalog.entity.*", "catalog.entity.read"]),
        "effect": st.sampled_from(["allow", "allow", "deny"]),
    },
    optional={"action": st.just("read"), "conditions": CONDITIONS},
)
MEMBERS = st.lists(st.sampled_from([JANE, DEV, OPS, "*", "user:default/joe"]), max_size=2, unique=True)
ROLES = st.lists(
    st.fixed_dictionaries({"members": MEMBERS, "grants": st.lists(GRANTS, max_size=3)}), max_size=4
)
ENTITIES = [
    {"owner": owner, "kind": kind, "labels": labels}
    for owner, kind, labels in product(
        [JANE, DEV, OPS], ["API", "Group", "Component"], [{}, {"tier": "gold"}, {"tier": "tin"}]
    )
]


def model_holds(conditions: Any, entity: Mapping[str, Any], user: str, owns: Sequence[str]) -> bool:
    if "anyOf" in conditions:
        return any(model_holds(one, entity, user, owns) for one in conditions["anyOf"])
    if "allOf" in conditions:
        return all(model_holds(one, entity, user, owns) for one in conditions["allOf"])
    if "not" in conditions:
        return not model_holds(conditions["not"], entity, user, owns)
    params = conditions["params"]
    match conditions["rule"]:
        case "IS_ENTITY_OWNER":
            owner = entity["owner"]
            asked = params["claims"]
            claims = [asked] if isinstance(asked, str) else asked
            mine = ("$ownerRefs" in claims and owner in owns) or ("$currentUser" in claims and owner == user)
            return mine or owner in claims
        case "IS_ENTITY_KIND":
            return entity["kind"].lower() in {kind.lower() for kind in params["kinds"]}
        case _:
            value = entity["labels"].get(params["label"])
            return value is not None and params.get("value", value) == value


def model_allows(
    roles: Iterable[Mapping[str, Any]],
    permission: Permission,
    entity: Mapping[str, Any],
    user: str,
    owns: Sequence[str],
) -> bool:
    """Any grant that speaks of this permission and this entity: allowed by one, denied by none."""
    said = set()
    for one in roles:
        if not {user, *owns, "*"}.intersection(one["members"]):
            continue
        for each in one["grants"]:
            name = each["permission"]
            named = permission.name.startswith(name[:-1]) if name.endswith("*") else permission.name == name
            if named and each.get("action", permission.action) == permission.action:
                if "conditions" in each:
                    # All conditions here are about entities.
                    if permission.resource_type != "catalog-entity":
                        continue
                    if not model_holds(each["conditions"], entity, user, owns):
                        continue
                said.add(each["effect"])
    return said == {"allow"}


@settings(max_examples=300)
@given(ROLES, st.sampled_from([READ, DELETE, CREATE, LOCATION]), st.booleans())
def test_a_decision_is_what_looking_at_every_entity_gives(
    roles: list[dict[str, Any]], permission: Permission, grouped: bool
) -> None:
    owns = OWNS if grouped else (JANE,)
    document = policies(*({**one, "name": f"role-{at}"} for at, one in enumerate(roles)))
    found = decide(document, permission, JANE, owns)
    for entity in ENTITIES:
        holds = rules_hold(RULES, entity, permission.resource_type)
        allowed = found == ALLOWED or (found.conditions is not None and applies(found.conditions, holds))
        assert allowed == model_allows(roles, permission, entity, JANE, owns)
        explained = explain(document, permission, JANE, owns, holds=holds)
        assert (explained.decision == ALLOWED) == allowed
        assert explained.words.startswith("Allowed" if allowed else "Denied")
