"""Badges and names of channels that carry several services, and of chats that nobody named."""

from __future__ import annotations

import pytest

from desktop_inbox.domain.pieces import PICTURE, VIDEO, VOICE
from desktop_inbox.store.conversation_rows import ConversationRow
from desktop_inbox.ui import icons
from desktop_inbox.ui.views import channel_marks
from tests.support.rows import conversation_row

WHATSAPP = "+15550001|whatsapp:+905321112233"
SMS = "+15550001|+905321112233"


@pytest.mark.parametrize(
    ("channel", "chat", "mark", "name"),
    [
        ("email", "", "email", "e-mail"),
        ("telegram", "4711", "telegram", "Telegram"),
        ("twilio", WHATSAPP, "whatsapp", "WhatsApp"),
        ("twilio", SMS, "sms", "SMS"),
        ("one of a newer version", "x", "one of a newer version", "one of a newer version"),
    ],
)
def test_a_service_has_a_badge_and_a_name_of_its_own(
    channel: str, chat: str, mark: str, name: str
) -> None:
    assert channel_marks.mark(channel, chat) == mark
    assert channel_marks.named(channel, chat) == name


def test_whatsapp_looks_like_nothing_else() -> None:
    marks = ("whatsapp", "sms", "email", "telegram", "messenger", "phone")
    assert len({icons.channel(mark) for mark in marks}) == len(marks)


@pytest.mark.parametrize(
    ("row", "subject"),
    [
        ({"subject": "Plates"}, "Plates"),
        ({"subject": "", "channel": "email"}, "(no subject)"),
        ({"subject": "", "channel": "twilio", "chat": WHATSAPP}, "WhatsApp"),
        ({"subject": "Plates", "channel": "twilio", "chat": WHATSAPP}, "Plates"),
        ({"subject": "", "channel": "xmpp", "chat": "a@b"}, "XMPP"),
    ],
)
def test_a_chat_that_nobody_named_goes_by_its_channel(row: dict[str, str], subject: str) -> None:
    shown: ConversationRow = conversation_row()._replace(**row)  # type: ignore[arg-type]
    assert channel_marks.subject(shown) == subject


@pytest.mark.parametrize(
    ("snippet", "said"),
    [
        (VOICE, "🎤 Voice message"),
        (PICTURE, "📷 Picture"),
        (VIDEO, "🎬 Video"),
        ("🎤 is my favourite", "🎤 is my favourite"),
        ("k", "k"),
        ("", ""),
    ],
)
def test_a_picture_or_a_voice_alone_is_named(snippet: str, said: str) -> None:
    assert channel_marks.said(snippet) == said
