"""How Messenger speaks Meta's language. Pure."""

from __future__ import annotations

from desktop_inbox.connectors.meta.api import Service

SERVICE = Service(
    kind="messenger",
    url="https://graph.facebook.com",
    me_fields=("id", "username", "name"),
    message_fields="id,created_time,from,to,message,reply_to,sticker,attachments,shares,reactions",
    permissions=frozenset({"pages_messaging", "pages_manage_metadata", "pages_read_engagement"}),
    names_sends=True,
)
