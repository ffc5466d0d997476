from __future__ import annotations

from callboard.catalog.preview import Outcome, Preview, PreviewEntity
from callboard.portal.importing.outcomes import SHOWN, check


def one(outcome: Outcome, *lines: int) -> PreviewEntity:
    problems = [{"name": "InputError", "message": "is required", "line": line} for line in lines]
    return PreviewEntity("component:default/crane", outcome, problems=problems)


def test_what_is_to_be_mended_comes_first() -> None:
    found = check(Preview([one("same"), one("add"), one("refuse", 1), one("change"), one("conflict", 2)], []))
    assert [group.outcome for group in found.groups] == ["refuse", "conflict", "change", "add", "same"]
    assert (found.documents, found.wrong, found.brings) == (5, 2, 2)


def test_only_what_brings_something_new_can_be_registered() -> None:
    assert check(Preview([one("add")], [])).registrable
    assert not check(Preview([one("same")], [])).registrable
    assert not check(Preview([one("refuse", 1)], [])).registrable
    assert not check(Preview([one("add")], [], {"target": "https://example.org"})).registrable


def test_a_document_that_comes_in_with_a_problem_does_so_in_part() -> None:
    found = check(Preview([one("add", 1)], []))
    assert found.groups[0].rows[0].partly
    assert found.wrong == 1


def test_several_mistakes_of_a_line_show_it_once() -> None:
    found = check(Preview([one("refuse", 2, 2, 3)], []), "kind: API\nspec:\n  type: x\n")
    shown = [bool(mistake.lines) for mistake in found.groups[0].rows[0].mistakes]
    assert shown == [False, True, True]


def test_a_thousand_documents_are_counted_and_not_all_listed() -> None:
    (group,) = check(Preview([one("add")] * 1000, [])).groups
    assert (group.total, len(group.rows)) == (1000, SHOWN)
