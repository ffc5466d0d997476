from __future__ import annotations

from textwrap import dedent
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callboard.access.permissions.criteria import AnyOf, Not, Rule
from callboard.access.roles.document import Grant, Known, Policies, Role
from callboard.access.roles.reading import MAX_BYTES, parse_conditions, parse_policies, read_policies
from callboard.core.errors import ConfigError
from tests.access.roles.speech import KNOWN, OWNED, grant, role, rule

GOOD = """\
roles:
  - name: developers
    title: Developers
    description: Everyone who builds
    members: [group:default/Dev, "*"]
    grants:
      - permission: catalog.*
        action: read
        effect: allow
      - permission: catalog.entity.delete
        effect: allow
        conditions:
          anyOf:
            - {rule: IS_ENTITY_OWNER, resourceType: catalog-entity, params: {claims: $ownerRefs}}
            - not: {rule: IS_ENTITY_KIND, resourceType: catalog-entity, params: {kinds: [Group]}}
"""


def mistakes(text: str, known: Known | None = KNOWN) -> list[tuple[int | None, str, str]]:
    with pytest.raises(ConfigError) as raised:
        parse_policies(dedent(text), "roles.yaml", known)
    assert all(problem.source == "roles.yaml" for problem in raised.value.problems)
    return [(one.line, one.field, one.message) for one in raised.value.problems]


def the_mistake(value: Any) -> str:
    with pytest.raises(ConfigError) as raised:
        read_policies(value, KNOWN)
    assert len(raised.value.problems) == 1, raised.value
    problem = raised.value.problems[0]
    return f"{problem.field}: {problem.message}"


def test_a_document_is_read_whole() -> None:
    claims = Rule("IS_ENTITY_OWNER", "catalog-entity", (("claims", "$ownerRefs"),))
    groups = Rule("IS_ENTITY_KIND", "catalog-entity", (("kinds", ("Group",)),))
    assert parse_policies(GOOD, "roles.yaml", KNOWN) == Policies(
        (
            Role(
                "developers",
                "Developers",
                "Everyone who builds",
                ("group:default/dev", "*"),
                (
                    Grant("catalog.*", "allow", "read"),
                    Grant("catalog.entity.delete", "allow", None, AnyOf((claims, Not(groups)))),
                ),
            ),
        )
    )


def test_yaml_and_json_come_back_as_they_were_written() -> None:
    document = parse_policies(GOOD, None, KNOWN)
    assert parse_policies(document.yaml(), None, KNOWN) == document
    assert parse_policies(document.text(), None, KNOWN) == document
    assert parse_policies("\t" + document.text().replace(",", ",\n\t"), None, KNOWN) == document
    assert read_policies(document.as_json(), KNOWN) == document


def test_all_mistakes_are_told_at_once_with_their_places() -> None:
    found = mistakes(
        """\
        roles:
          - name: Developers
            members:
              - component:default/crane
              - group:dev
            grants:
              - permission: catalog.entity.reed
                effect: allow
              - permission: catalog.entity.read
                effect: perhaps
                conditions:
                  anyOf:
                    - {rule: IS_OWNER, resourceType: catalog-entity, params: {}}
                    - rule: IS_ENTITY_KIND
                      resourceType: catalog-entity
                      params: {kinds: Group}
        extra: 1
        """
    )
    assert [(line, field) for line, field, _ in found] == [
        (17, "extra"),
        (2, "roles[0].name"),
        (4, "roles[0].members[0]"),
        (5, "roles[0].members[1]"),
        (7, "roles[0].grants[0].permission"),
        (10, "roles[0].grants[1].effect"),
        (13, "roles[0].grants[1].conditions.anyOf[0].rule"),
        (16, "roles[0].grants[1].conditions.anyOf[1].params.kinds"),
    ]
    words = " ".join(message for _, _, message in found)
    assert 'did you mean "catalog.entity.read"?' in words
    assert 'write "group:default/dev" in full' in words
    assert "known are HAS_LABEL, IS_ENTITY_KIND, IS_ENTITY_OWNER" in words


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ([], ": must be a mapping"),
        ({}, "roles: is required"),
        ({"roles": {}}, "roles: must be a list"),
        ({"roles": ["x"]}, "roles[0]: must be a mapping"),
        ({"roles": [{"members": []}]}, "roles[0].name: is required"),
        ({"roles": [{"name": 7}]}, "roles[0].name: must be text"),
        ({"roles": [{"name": "a", "title": 7}]}, "roles[0].title: must be text"),
        ({"roles": [{"name": "a", "title": "x" * 201}]}, "roles[0].title: must have at most 200 characters"),
        ({"roles": [{"name": "a"}, {"name": "a"}]}, 'roles[1].name: another role is called "a" already'),
        (
            {"roles": [{"name": "a", "members": [7]}]},
            "roles[0].members[0]: must be the reference of a user or group, or *",
        ),
        ({"roles": [role("a", ["user:default/a b"])]}, "roles[0].members[0]: is not the reference"),
        ({"roles": [role("a", ["*", "*"])]}, 'roles[0].members[1]: "*" is a member already'),
        (
            {"roles": [{"name": "a", "grant": []}]},
            'roles[0].grant: is not known here; did you mean "grants"?',
        ),
        ({"roles": [role("a", [], {"effect": "allow"})]}, "roles[0].grants[0].permission: is required"),
        ({"roles": [role("a", [], {"permission": "catalog.*"})]}, "roles[0].grants[0].effect: is required"),
        ({"roles": [role("a", [], grant("kitchen.*"))]}, 'permission: no permission matches "kitchen.*"'),
        ({"roles": [role("a", [], grant("a[bc]"))]}, "permission: must be the name of a permission"),
        ({"roles": [role("a", [], grant("*", action="use"))]}, "action: must be one of create, read"),
        (
            {"roles": [role("a", [], grant("catalog.location.*", action="delete"))]},
            'action: no permission that matches "catalog.location.*" has the action delete',
        ),
        (
            {"roles": [role("a", [], grant("catalog.location.read", conditions=OWNED))]},
            'resourceType: "catalog.location.read" is not about resources of the type "catalog-entity"',
        ),
    ],
)
def test_a_single_mistake_is_told_alone(value: Any, said: str) -> None:
    assert said in the_mistake(value)


@pytest.mark.parametrize(
    ("conditions", "said"),
    [
        (7, "conditions: must be a mapping with allOf"),
        ({"anyOf": []}, "conditions.anyOf: must be a list that is not empty"),
        ({"anyOf": [OWNED], "not": OWNED}, 'conditions.not: cannot stand beside "anyOf"'),
        ({"not": {"rule": "IS_ENTITY_OWNER"}}, "conditions.not.resourceType: is required"),
        (rule("IS_ENTITY_OWNER", "kitchen", claims=[]), 'no rule is about "kitchen"'),
        (rule("IS_ENTITY_OWNER"), '"claims" is a required property'),
        (rule("IS_ENTITY_OWNER", claims=["$ownerRef"]), 'params.claims[0]: "$ownerRef" is no placeholder'),
        (rule("IS_ENTITY_OWNER", claims="$currentUser"), "params.claims:"),
        (rule("IS_ENTITY_OWNER", claims=[{"a": 1}]), "params.claims[0]: must be text, a number"),
        ({**OWNED, "param": {}}, 'conditions.param: is not known here; did you mean "params"?'),
        (
            {"allOf": [OWNED, rule("IS_TASK_OWNER", "scaffolder-task", claims=[])]},
            'all rules of a grant must be about "catalog-entity"',
        ),
    ],
)
def test_conditions_that_cannot_hold_what_they_say_are_refused(conditions: Any, said: str) -> None:
    with pytest.raises(ConfigError) as raised:
        read_policies({"roles": [role("a", [], grant("catalog.entity.read", conditions=conditions))]}, KNOWN)
    assert said in str(raised.value)


def test_conditions_nested_without_end_are_refused() -> None:
    conditions: Any = OWNED
    for _ in range(90):
        conditions = {"not": conditions}
    said = the_mistake({"roles": [role("a", [], grant("catalog.entity.read", conditions=conditions))]})
    assert said.endswith("is nested deeper than 20 levels")


def test_what_is_no_yaml_is_told_with_its_line() -> None:
    assert mistakes("roles:\n  - name: a\n   members: [\n")[0][0] == 3
    assert mistakes("{roles: [")[0][2] == 'what began with "[" is not closed'
    assert mistakes("roles: []\n---\nroles: []\n")[0][::2] == (
        3,
        "there is a second document; write all of it into one",
    )


def test_a_text_that_is_too_long_is_not_read() -> None:
    assert "at most" in mistakes("x" * (MAX_BYTES + 1))[0][2]


def test_no_document_at_all_lacks_its_roles() -> None:
    assert mistakes("")[0][1:] == ("roles", "is required")


def test_names_are_not_looked_up_where_none_are_known() -> None:
    value = {"roles": [role("a", [], grant("gone.*", conditions=rule("GONE", "gone-thing")))]}
    assert read_policies(value).roles[0].grants[0].permission == "gone.*"


def test_conditions_alone_are_told_by_line_and_column() -> None:
    text = (
        "anyOf:\n  - rule: IS_ENTITY_OWNER\n    resourceType: catalog-entity\n    params:\n      claim: []\n"
    )
    with pytest.raises(ConfigError) as raised:
        parse_conditions(text, KNOWN, "catalog.entity.read")
    places = {(one.line, one.column) for one in raised.value.problems}
    assert places == {(4, 5)}
    with pytest.raises(ConfigError, match="must be a mapping"):
        parse_conditions("  # nothing\n", KNOWN)


WORDS = ["roles", "name", "title", "members", "grants", "permission", "effect", "action", "conditions"]
WORDS += ["anyOf", "allOf", "not", "rule", "resourceType", "params"]
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.sampled_from(["*", "allow", "catalog.*", "$ownerRefs", "a"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(WORDS),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


@given(JSON, st.booleans())
def test_whatever_is_given_is_read_or_refused(value: Any, deep: bool) -> None:
    """Nothing but ConfigError comes out of mistakes, however they are combined."""
    given_value = {"roles": [{"name": "a", "grants": [value]}]} if deep else value
    try:
        document = read_policies(given_value, KNOWN)
    except ConfigError:
        return
    assert read_policies(document.as_json(), KNOWN) == document
