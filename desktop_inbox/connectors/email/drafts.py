"""The copy of a draft in the Drafts folder: at most one version, replaced by its Message-ID.

The old version goes before the new one comes, so that there are never two. Engine loop.
"""

from __future__ import annotations

from datetime import datetime

from desktop_inbox.connectors.email.folders import find_use, place_for
from desktop_inbox.connectors.email.imap import ImapConnection
from desktop_inbox.connectors.email.writing import take_away


async def keep_draft(
    connection: ImapConnection, message_id: str, raw: bytes | None, *, at: datetime
) -> None:
    """Have just this version lie in Drafts, or none where `raw` is None.

    Raises:
        ConnectorError: as the connection; doing it again does no harm.
    """
    listed, _ = await connection.list_folders()
    folder = find_use(listed, "drafts")
    if folder is None:
        if raw is None:
            return
        wire_name = await connection.create(place_for("Drafts", listed))
    else:
        wire_name = folder.wire_name
    await connection.select(wire_name)
    old = await connection.search_message_id(message_id)
    if old:
        await take_away(connection, old)
    if raw is not None:
        await connection.append(wire_name, raw, at=at, flags=b"\\Seen \\Draft")
