"""What is done to many conversations, a few at a time and as one action. UI thread only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QLocale

from desktop_inbox.domain.uid import new_uid
from desktop_inbox.i18n import _, ngettext
from desktop_inbox.services.turns import TURN, Change, Failure, carry_out
from desktop_inbox.store.errors import StoreError
from desktop_inbox.store.moments import utc_now
from desktop_inbox.ui import errors
from desktop_inbox.ui.context import AppContext, Banner, Notice

KEY = "bulk"
_LONG = 4 * TURN  # from here on it is said that something goes on


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of an action on several conversations."""

    group: str | None  # to take it back by; None where nothing was changed
    failed: tuple[Failure, ...]
    left: int = 0  # how many were not reached
    error: StoreError | None = None  # why not


async def in_turns(context: AppContext, ids: Sequence[int], change: Change) -> Outcome:
    """Change conversations in short transactions; everything else is written in between.

    What cannot be changed is left out and told of. Where the store itself fails, what was done
    until then stays done, and can be taken back.
    """
    if len(ids) >= _LONG:
        _say_begun(context, len(ids))
    try:
        return await _in_turns(context, ids, change)
    finally:
        context.notice_cleared.emit(KEY)


async def _in_turns(context: AppContext, ids: Sequence[int], change: Change) -> Outcome:
    uid = new_uid(utc_now())
    group: str | None = None
    failed: list[Failure] = []
    for at in range(0, len(ids), TURN):
        some = ids[at : at + TURN]
        try:
            changed, unable = await context.write(
                partial(carry_out, ids=some, change=change, group_uid=uid)
            )
        except StoreError as error:
            left = len(ids) - at
            return Outcome(group=group, failed=tuple(failed), left=left, error=error)
        group = changed or group
        failed += unable
    return Outcome(group=group, failed=tuple(failed))


def _say_begun(context: AppContext, count: int) -> None:
    words = ngettext("Changing {count} conversation…", "Changing {count} conversations…", count)
    text = words.format(count=QLocale().toString(count))
    context.notice.emit(Notice(text=text, seconds=600, key=KEY))


def failed_banner(outcome: Outcome) -> Banner:
    """Return what tells of the conversations that were left as they were, each with its reason."""
    count = len(outcome.failed)
    text = ngettext(
        "{count} conversation was not changed. The others were.",
        "{count} conversations were not changed. The others were.",
        count,
    )
    lines = [
        _("Conversation {id}: {why}").format(
            id=one.conversation_id, why=errors.sentence(one.error.code, one.error.values)
        )
        for one in outcome.failed
    ]
    return Banner(
        text=text.format(count=QLocale().toString(count)),
        tone="warn",
        detail="\n".join(lines),
        key=KEY,
    )
