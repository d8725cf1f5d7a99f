"""How a channel is marked and named that carries several services: WhatsApp is not SMS. Pure.

The first frame of the window uses it and does without what only chats need.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop_inbox.i18n import _

if TYPE_CHECKING:
    from desktop_inbox.store.conversation_rows import ConversationRow


def mark(channel: str, chat: str) -> str:
    """Return whose badge to draw: of the service that a chat is on, else of its channel."""
    if not chat:
        return channel
    from desktop_inbox.connectors.kinds import service_of

    return service_of(channel, chat).lower() or channel


def named(channel: str, chat: str) -> str:
    """Return what a channel is called: by the service that a chat is on, where it has several."""
    from desktop_inbox.connectors.kinds import service_of
    from desktop_inbox.ui.views.composer_words import channel_name

    return service_of(channel, chat) or channel_name(channel)


def subject(row: ConversationRow) -> str:
    """Return what a conversation is about; a chat that nobody named goes by its channel."""
    if row.subject:
        return row.subject
    if not row.chat:
        return _("(no subject)")
    name = named(row.channel, row.chat)
    return f"{name[:1].upper()}{name[1:]}"


def said(snippet: str) -> str:
    """Return a line of what somebody said; a picture or a voice alone is named."""
    if len(snippet) != 1:
        return snippet
    from desktop_inbox.domain.pieces import PICTURE, VIDEO, VOICE

    words = {PICTURE: _("Picture"), VOICE: _("Voice message"), VIDEO: _("Video")}.get(snippet)
    return f"{snippet} {words}" if words else snippet
