"""What people decide about opening hours and service levels; each is one action, undone at once.

Functions of a transaction. Open clocks follow in the background, finished ones keep their verdict
(rule B8).
"""

from __future__ import annotations

from dataclasses import replace

from desktop_inbox.domain import opening_hours
from desktop_inbox.domain.errors import UserError
from desktop_inbox.domain.events import FieldChange
from desktop_inbox.domain.opening_hours import Hours
from desktop_inbox.domain.policies import NO_POLICY, Terms, check
from desktop_inbox.domain.positions import between
from desktop_inbox.domain.uid import new_uid
from desktop_inbox.services.changing import Group, Ids, rows
from desktop_inbox.store import policies
from desktop_inbox.store.database import Tx
from desktop_inbox.store.moments import to_milliseconds
from desktop_inbox.store.policies import Kept, hours_json, terms_json

# Opening hours


def add_hours(tx: Tx, hours: Hours) -> str:
    """Keep another calendar and return its uid.

    Raises:
        UserError: "calendar-unnamed", "calendar-exists", or what `opening_hours.checked` refuses.
    """
    uid = new_uid(tx.now)
    wanted = _checked(tx, hours, uid)
    change = FieldChange("sla_calendar", uid, _version(tx), None, hours_json(wanted))
    gone = FieldChange("sla_calendar", uid, "deleted", True, False)
    Group(tx).record("hours.new", [change, gone])
    return uid


def change_hours(tx: Tx, uid: str, hours: Hours) -> str | None:
    """Let a calendar be open so from now on; return the group to undo it by, None for no change.

    Raises:
        UserError: "calendar-missing"; "target-invalid" where a policy could not be kept in it; or
            as `add_hours`.
    """
    kept = _calendar(tx, uid)
    wanted = _checked(tx, hours, uid)
    for policy in policies.policies(tx.conn):
        if policies.book(tx.conn).hours_of(policy.current) is kept:
            check(policy.current, wanted.calendar(), now=tx.now)
    group = Group(tx)
    if wanted != kept.current:
        group.record("hours.edit", [_change(tx, "sla_calendar", kept, hours_json(wanted))])
    return group.uid


def remove_hours(tx: Tx, uid: str) -> str | None:
    """Take a calendar away; return the group to undo it by.

    Raises:
        UserError: "calendar-missing"; "calendar-in-use" (names) where policies are counted in it;
            "calendar-last".
    """
    kept = _calendar(tx, uid)
    book = policies.book(tx.conn)
    using = [
        one.current.name
        for one in book.policies
        if not one.deleted and book.hours_of(one.current) is kept
    ]
    if using:
        raise UserError("calendar-in-use", names=", ".join(using))
    if len(policies.calendars(tx.conn)) == 1:
        raise UserError("calendar-last")
    group = Group(tx)
    group.record("hours.remove", [FieldChange("sla_calendar", uid, "deleted", False, True)])
    return group.uid


def _checked(tx: Tx, hours: Hours, uid: str) -> Hours:
    wanted = opening_hours.checked(hours)
    others = [one for one in policies.calendars(tx.conn) if one.uid != uid]
    if any(one.current.name.casefold() == wanted.name.casefold() for one in others):
        if wanted.name:
            raise UserError("calendar-exists", name=wanted.name)
        raise UserError("calendar-unnamed", most=opening_hours.LONGEST_NAME)
    return wanted


def _calendar(tx: Tx, uid: str) -> Kept[Hours]:
    found = next((one for one in policies.calendars(tx.conn) if one.uid == uid), None)
    if found is None:
        raise UserError("calendar-missing", id=uid)
    return found


# Policies


def add_policy(tx: Tx, terms: Terms) -> str:
    """Promise something more, after everything that is promised so far; return the policy's uid.

    Raises:
        UserError: what `domain.policies.check` refuses.
    """
    last = max((one.current.position for one in policies.policies(tx.conn)), default="")
    wanted = replace(terms, name=" ".join(terms.name.split()), position=between(last, ""))
    _check(tx, wanted)
    uid = new_uid(tx.now)
    change = FieldChange("sla_policy", uid, _version(tx), None, terms_json(wanted))
    gone = FieldChange("sla_policy", uid, "deleted", True, False)
    Group(tx).record("policy.new", [change, gone])
    return uid


def change_policy(tx: Tx, uid: str, terms: Terms) -> str | None:
    """Promise this from now on, at the same place; return the group to undo it by, if any.

    Raises:
        UserError: "policy-missing", or as `add_policy`.
    """
    kept = policy(tx, uid)
    name = " ".join(terms.name.split())
    wanted = replace(terms, name=name, position=kept.current.position)
    _check(tx, wanted)
    group = Group(tx)
    if wanted != kept.current:
        group.record("policy.edit", [_change(tx, "sla_policy", kept, terms_json(wanted))])
    return group.uid


def remove_policy(tx: Tx, uid: str) -> str | None:
    """Promise it no longer; return the group to undo it by.

    Raises:
        UserError: "policy-missing".
    """
    kept = policy(tx, uid)
    ended = terms_json(replace(kept.current, enabled=False))
    group = Group(tx)
    group.record(
        "policy.remove",
        [
            _change(tx, "sla_policy", kept, ended),
            FieldChange("sla_policy", uid, "deleted", False, True),
        ],
    )
    return group.uid


def move_policy(tx: Tx, uid: str, place: int) -> str | None:
    """Try a policy at another place, 0 for first; return the group, None where it is there.

    Raises:
        UserError: "policy-missing".
    """
    kept = policy(tx, uid)
    every = policies.policies(tx.conn)
    others = [one for one in every if one.uid != uid]
    place = min(max(place, 0), len(others))
    if every[place].uid == uid:
        return None
    before = others[place - 1].current.position if place else ""
    after = others[place].current.position if place < len(others) else ""
    moved = replace(kept.current, position=between(before, after))
    group = Group(tx)
    group.record("policy.move", [_change(tx, "sla_policy", kept, terms_json(moved))])
    return group.uid


def policy(tx: Tx, uid: str) -> Kept[Terms]:
    """Return a policy with its versions.

    Raises:
        UserError: "policy-missing".
    """
    found = next((one for one in policies.policies(tx.conn) if one.uid == uid), None)
    if found is None:
        raise UserError("policy-missing", id=uid)
    return found


def _check(tx: Tx, terms: Terms) -> None:
    hours = policies.book(tx.conn).hours_of(terms)
    if hours is None:
        raise UserError("calendar-missing", id=terms.calendar)
    check(terms, hours.current.calendar(), now=tx.now)


# Conversations


def pin(tx: Tx, ids: Ids, policy_uid: str | None) -> str | None:
    """Promise this for conversations whatever their conditions (rule B8).

    `policy_uid` may be `NO_POLICY`, for nothing at all; None lets conditions decide again. Returns
    the group to undo it by.

    Raises:
        UserError: "policy-missing"; "conversation-missing".
    """
    if policy_uid not in (None, NO_POLICY):
        policy(tx, str(policy_uid))
    group = Group(tx)
    for row in rows(tx, ids):
        before = policies.pinned(tx.conn, row.id)
        change = FieldChange("conversation", row.uid, "service_level", before, policy_uid)
        group.record("conversation.service_level", [change], conversation=row.uid)
    return group.uid


# Versions


def _version(tx: Tx) -> str:
    return f"version:{to_milliseconds(tx.now)}"


def _change(
    tx: Tx, entity: str, kept: Kept[Hours] | Kept[Terms], after: dict[str, object]
) -> FieldChange:
    """Return what lets it be so from now on; a version of this very moment is written over."""
    return FieldChange(entity, kept.uid, _version(tx), _version_now(tx, kept), after)


def _version_now(tx: Tx, kept: Kept[Hours] | Kept[Terms]) -> dict[str, object] | None:
    since, current = kept.versions[-1]
    if to_milliseconds(since) != to_milliseconds(tx.now):
        return None
    return hours_json(current) if isinstance(current, Hours) else terms_json(current)
