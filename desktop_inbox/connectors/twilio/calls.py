"""Follows calls to their end: what was recorded in them, and what was said. Engine loop."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from desktop_inbox.connectors.chat import Chat, ChatItem, Edited, Incoming
from desktop_inbox.connectors.errors import PermanentError
from desktop_inbox.connectors.payload import Payload, each, kept, words, written_date
from desktop_inbox.connectors.twilio.api import TwilioApi
from desktop_inbox.connectors.twilio.cursor import Open
from desktop_inbox.connectors.twilio.reading import call_piece, is_over, moment, read_call, sid
from desktop_inbox.domain.pieces import CallOutcome

_WORDS_TAKE = timedelta(minutes=20)  # a transcription that has not come by then does not come
_WORDS = "words"  # the call was told, what was said in it not yet
_AT_WORK = frozenset({"in-progress", "paused", "processing"})


class Calls:
    """What one pull learns of calls."""

    def __init__(self, api: TwilioApi, *, now: datetime) -> None:
        self._api = api
        self._now = now

    async def listed(self, call: Payload, waiting: dict[str, Open]) -> Sequence[ChatItem]:
        """Return what a call of the list brings; it waits where it is not over."""
        if not sid(call):
            return read_call(call, ())
        fresh = Open(sid=sid(call), since=moment(call), due=self._now)
        return await self._followed(call, fresh, waiting)

    async def waited(self, one: Open, waiting: dict[str, Open]) -> Sequence[ChatItem]:
        """Return what became of a call that was not over, or not all told."""
        try:
            call = await self._api.get(f"Calls/{one.sid}")
        except PermanentError:  # deleted there
            waiting.pop(one.sid, None)
            return ()
        return await self._followed(call, one, waiting)

    async def _followed(
        self, call: Payload, one: Open, waiting: dict[str, Open]
    ) -> Sequence[ChatItem]:
        recordings = await self._recordings(call) if is_over(call) else []
        at_work = any(words(record, "status") in _AT_WORK for record in recordings)
        if not is_over(call) or at_work:
            self._keep(one, waiting, told=words(call, "status"))
            return ()
        said, written_down, asked_for = await self._said(call, recordings)
        if asked_for and not said and self._now - one.since < _WORDS_TAKE:
            self._keep(one, waiting, told=_WORDS)
        else:
            waiting.pop(one.sid, None)
        if one.told == _WORDS:
            return _edit(call, recordings, said, written_down or self._now) if said else ()
        return read_call(call, recordings, said=said)

    def _keep(self, one: Open, waiting: dict[str, Open], *, told: str) -> None:
        waiting[one.sid] = one.later(self._now, told=told)

    async def _recordings(self, call: Payload) -> list[Payload]:
        if words(call, "status") != "completed":
            return []
        page = await self._api.get("Recordings", {"CallSid": sid(call)})
        return [one for one in each(page, "recordings") if words(one, "status") != "deleted"]

    async def _said(
        self, call: Payload, recordings: Sequence[Payload]
    ) -> tuple[str, datetime | None, bool]:
        """Return what a caller said, since when that is known, and whether it may come yet."""
        if call_piece(call, recordings).outcome is not CallOutcome.VOICEMAIL:
            return "", None, False
        texts: list[str] = []
        at: datetime | None = None
        expected = False
        for record in recordings:
            page = await self._api.get(f"Recordings/{sid(record)}/Transcriptions")
            found = each(page, "transcriptions")
            expected |= not found or any(words(one, "status") == "in-progress" for one in found)
            for one in found:
                if text := words(one, "transcription_text"):
                    texts.append(text)
                    at = written_date(one, "date_updated")
        return "\n\n".join(texts), at, expected


def _edit(call: Payload, recordings: Sequence[Payload], said: str, at: datetime) -> list[ChatItem]:
    items = read_call(call, recordings, said=said)
    return [
        Edited(
            external_id=item.external_id,
            chat=Chat(external_id=item.chat.external_id),
            at=at,
            text=said,
            pieces=item.pieces,
            raw=kept(call),
        )
        for item in items
        if isinstance(item, Incoming)
    ]
