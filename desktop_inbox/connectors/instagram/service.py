"""How Instagram speaks Meta's language, signed in without a page. Pure."""

from __future__ import annotations

from desktop_inbox.connectors.meta.api import Service

SERVICE = Service(
    kind="instagram",
    url="https://graph.instagram.com",
    me_fields=("id", "user_id", "username"),
    message_fields=(
        "id,created_time,from,to,message,reply_to,attachments,shares,reactions,story,is_unsupported"
    ),
    profile_fields="name,username",
    upload_form={"platform": "instagram"},
    renews=True,
    reactions={"❤": "love", "❤️": "love"},
)
