"""Who may do what: the whole table as it was agreed, written out once more, so that no slip of a hand changes it unseen."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planning.access import RIGHTS, AccountRole, Action, Reach, Visitor, may, reach_of

ADMIN, LEADER, OFFICE, STAFF, AUDITOR = AccountRole

AGREED = """
              管理员  领导    科室    工作人员  审计员
enter         scope   scope   scope   scope     scope
own           own     own     own     own       own
see_figures   scope   scope   scope   scope     scope
see_rows      scope   scope   scope   scope     scope
see_messages  scope   scope   scope   own       scope
see_log       whole   whole   whole   -         whole
see_upkeep    whole   whole   whole   -         whole
see_security  whole   -       -       -         whole
record        scope   own     scope   own       -
change        scope   -       scope   -         -
decide        own     own     own     own       -
add_item      scope   scope   scope   -         -
edit_files    whole   -       -       -         -
run           whole   -       -       -         -
accounts      whole   -       -       -         -
"""

EXPECTED = {
    (Action(words[0]), role): Reach[word.upper()] if word != "-" else Reach.NONE
    for words in (line.split() for line in AGREED.strip().splitlines()[1:])
    for role, word in zip(AccountRole, words[1:], strict=True)
}

MINE, OTHERS = ("me",), ("somebody",)


def visitor(role: AccountRole, *units: str) -> Visitor:
    return Visitor(1, "me", "某人", role, frozenset(units) if units else None)


def test_the_table_is_the_one_that_was_agreed() -> None:
    assert set(RIGHTS) == set(Action)
    assert {(action, role): RIGHTS[action].get(role, Reach.NONE) for action in Action for role in AccountRole} == EXPECTED


@pytest.mark.parametrize("action", Action)
@pytest.mark.parametrize("role", AccountRole)
def test_what_the_table_says_is_what_may_be_done(action: Action, role: AccountRole) -> None:
    """Own and others' things, inside and outside the visitor's units, and things of the whole office."""
    reach = EXPECTED[action, role]
    whole, inside = visitor(role), visitor(role, "sifasuo")
    assert reach_of(whole, action) is reach
    assert reach_of(inside, action) is (Reach.NONE if reach is Reach.WHOLE else reach)
    some, all_of_it = reach > Reach.NONE, reach >= Reach.SCOPE
    cut = reach in {Reach.OWN, Reach.SCOPE}
    for who, unit, persons, allowed in (
        (whole, "sifasuo", MINE, some),
        (whole, None, MINE, some),
        (whole, "sifasuo", OTHERS, all_of_it),
        (whole, None, OTHERS, all_of_it),
        (inside, "sifasuo", OTHERS, reach is Reach.SCOPE),
        (inside, "huilong", OTHERS, False),
        (inside, None, OTHERS, False),
        (inside, "huilong", MINE, cut),
        (inside, None, MINE, cut),
    ):
        assert may(who, action, unit=unit, persons=persons) is allowed, (who.units, unit, persons)


def test_a_stranger_may_come_in_and_nothing_else() -> None:
    assert [action for action in Action if reach_of(None, action) is not Reach.NONE] == [Action.ENTER]
    assert not any(may(None, action, unit=None, persons=MINE) for action in Action)


def test_the_auditor_changes_nothing_and_the_admin_decides_nothing_of_others() -> None:
    """三员: who runs it, who looks at it, and who answers for the work are three."""
    changing = {
        Action.RECORD,
        Action.CHANGE,
        Action.DECIDE,
        Action.ADD_ITEM,
        Action.EDIT_FILES,
        Action.RUN,
        Action.ACCOUNTS,
    }
    assert all(reach_of(visitor(AUDITOR), action) is Reach.NONE for action in changing)
    assert not may(visitor(ADMIN), Action.DECIDE, unit="sifasuo", persons=OTHERS)
    assert {role for role in AccountRole if reach_of(visitor(role), Action.SEE_SECURITY)} == {ADMIN, AUDITOR}


def test_an_admin_of_one_unit_runs_nothing() -> None:
    inside = visitor(ADMIN, "sifasuo")
    assert not inside.sees_all
    assert not any(reach_of(inside, action) for action in (Action.EDIT_FILES, Action.RUN, Action.ACCOUNTS, Action.SEE_SECURITY))


ROLES, ACTIONS = st.sampled_from(AccountRole), st.sampled_from(Action)
UNITS = st.sampled_from(["caohui", "sifasuo", "huilong"])


@given(ROLES, ACTIONS, st.frozensets(UNITS, min_size=1), st.none() | UNITS, st.sets(st.sampled_from(["me", "a", "b"])))
def test_a_smaller_scope_never_allows_more(
    role: AccountRole, action: Action, units: frozenset[str], unit: str | None, persons: set[str]
) -> None:
    inside = may(visitor(role, *units), action, unit=unit, persons=persons)
    assert not inside or may(visitor(role), action, unit=unit, persons=persons)
    smaller = visitor(role, *sorted(units)[:1])
    assert not may(smaller, action, unit=unit, persons=persons) or inside
