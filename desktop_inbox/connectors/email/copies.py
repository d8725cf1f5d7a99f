"""Where a message of ours lies on the server, and its copy in the Sent folder. Engine loop.

A message is known by its Message-ID, which is fixed when it is queued (rule N).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime

from desktop_inbox.connectors.email.folders import find_use, place_for
from desktop_inbox.connectors.email.imap import ImapConnection

# Sent, everything (Gmail), and the inbox, where a copy to ourselves or a loop ends up.
_PLACES = ("sent", "all", "inbox")


async def lies_somewhere(connection: ImapConnection, message_id: str) -> bool:
    """Whether a message of ours lies where what was sent can be found."""
    listed, _ = await connection.list_folders()
    for use in _PLACES:
        folder = find_use(listed, use)
        if folder is None:
            continue
        await connection.examine(folder.wire_name)
        if await connection.search_message_id(message_id):
            return True
    return False


async def see_to_sent(
    connection: ImapConnection,
    message_id: str,
    compose: Callable[[], Awaitable[bytes]],
    *,
    at: datetime,
    append: bool,
) -> bool:
    """Tell whether a copy lies in Sent; with `append` one is filed where none does."""
    listed, _ = await connection.list_folders()
    sent = find_use(listed, "sent")
    if sent is None:
        if not append:
            return False
        wire_name = await connection.create(place_for("Sent", listed))
    else:
        wire_name = sent.wire_name
    await connection.examine(wire_name)
    if await connection.search_message_id(message_id):
        return True
    if append:
        await connection.append(wire_name, await compose(), at=at)
    return append
