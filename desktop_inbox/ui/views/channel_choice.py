"""Which way to a customer a message takes: by itself, as chosen, as a draft keeps it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from desktop_inbox.services.channels import Way
    from desktop_inbox.services.drafts import DraftContent
    from desktop_inbox.store.rows import DraftRow, MessageRow

MAIL = frozenset({"email", "imported"})  # kinds of account whose messages are mails


def offered(ways: Iterable[Way], *, mail_account: int | None) -> list[Way]:
    """Return what a person chooses from: of mail each address once, through one account."""
    found = list(ways)
    mails = [way for way in found if way.kind == "email" and way.account_id is not None]
    through = {way.account_id for way in mails}
    kept = mail_account if mail_account in through else next(iter(sorted(through, key=str)), None)
    return [way for way in found if way not in mails or way.account_id == kept]


def default(
    ways: Iterable[Way], *, account_id: int | None, answers: MessageRow | None
) -> Way | None:
    """Return the way an answer takes: that of the message answered, else where was said last."""
    mine = [way for way in ways if way.account_id == account_id and account_id is not None]
    if answers is not None:
        same = [way for way in mine if answers.id in way.said]
        if same:
            return same[0]
    return max(mine, key=lambda way: max(way.said, default=0), default=None)


def opening(openings: Iterable[Way], *, account_id: int | None, service: str = "") -> Way | None:
    """Return what a new message begins through on an account, None by mail."""
    mine = [way for way in openings if way.account_id == account_id]
    return next((way for way in mine if way.service == service), next(iter(mine), None))


def towards(ways: Iterable[Way], through: Way, address: str) -> Way | None:
    """Return the way to an address through the account and service of another."""
    return next(
        (
            way
            for way in ways
            if (way.account_id, way.service) == (through.account_id, through.service)
            and way.address == address
        ),
        None,
    )


def begun(
    ways: Iterable[Way], openings: Iterable[Way], draft: DraftRow | DraftContent, kind: str
) -> Way | None:
    """Return the way of a new message that a draft keeps, though its chat was begun since."""
    from desktop_inbox.connectors.kinds import service_of

    opens = str((draft.form or {}).get("opens", ""))
    through = opening(openings, account_id=draft.account_id, service=service_of(kind, opens))
    if through is None or not draft.to:
        return through
    return towards(ways, through, draft.to[0].address) or through


def same(ways: Sequence[Way], way: Way | None) -> Way | None:
    """Return a way as it is now, None where it is gone. A chat may have been begun meanwhile."""
    if way is None:
        return None
    exact = next((one for one in ways if one.key == way.key), None)
    if exact is not None or way.identity_id is None:
        return exact
    whose = (way.account_id, way.identity_id, way.service)
    return next(
        (one for one in ways if (one.account_id, one.identity_id, one.service) == whose), None
    )


def of_draft(
    ways: Iterable[Way], form: Mapping[str, object], *, account_id: int | None
) -> Way | None:
    """Return the way that a draft names, None where it names none that is there."""
    mine = [way for way in ways if way.account_id == account_id]
    if "chat" in form:
        return next((way for way in mine if way.chat_id == form["chat"]), None)
    if form.keys() & {"identity", "opens"}:
        named = (form.get("identity"), form.get("opens", ""))
        return next((way for way in mine if (way.identity_id, way.opens) == named), None)
    return None


def form_of(way: Way | None) -> dict[str, object]:
    """Return what a draft keeps of a way, besides its account."""
    if way is None or way.kind in MAIL:
        return {}
    if way.chat_id is not None:
        return {"chat": way.chat_id}
    named = {"identity": way.identity_id} if way.identity_id is not None else {}
    return {**named, **({"opens": way.opens} if way.opens else {})}
