"""Which channels there are, for whoever has only the name of one. Imports no library of theirs."""

from __future__ import annotations

from collections.abc import Mapping

from desktop_inbox import connectors
from desktop_inbox.connectors.contract import ConnectorInfo

EMAIL = "email"


def info_of(kind: str) -> ConnectorInfo | None:
    """Return what is known of a channel, None for one that this build does not know."""
    return next((info for info in connectors.CONNECTORS if info.kind == kind), None)


def service_of(kind: str, chat: str) -> str:
    """Return which of a channel's services a chat is on, such as "WhatsApp"; '' where it has one.

    `chat` is what the channel calls the chat.
    """
    info = info_of(kind)
    return info.service_of(chat) if info is not None and info.service_of is not None else ""


def limits_in(info: ConnectorInfo, chat: str) -> Mapping[str, int]:
    """Return what a channel takes in a chat, by what the service calls it."""
    return {**info.limits, **info.limits_of(chat)} if info.limits_of else info.limits


def is_chat(kind: str) -> bool:
    """Tell whether a channel is a messaging channel: known here, and not mail."""
    return kind != EMAIL and info_of(kind) is not None
