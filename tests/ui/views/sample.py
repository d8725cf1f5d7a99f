"""Message rows for tests of what needs no store."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from desktop_inbox.domain.messages import Address, MessageClass
from desktop_inbox.domain.states import Direction
from desktop_inbox.store.rows import AttachmentRow, MessageRow
from tests.support.builders import MINA, NOON, SHOP


def message(key: int, *, minutes: float = 0, text: str = "Hello", **changed: object) -> MessageRow:
    """A message of Mina's; `changed` replaces fields."""
    row = MessageRow(
        id=key,
        uid=f"message-{key}",
        conversation_id=1,
        account_id=1,
        channel="email",
        direction=Direction.IN,
        kind=MessageClass.HUMAN,
        author_name=MINA.name,
        external_id=f"{key}@orders.example",
        client_ref="",
        in_reply_to="",
        references=(),
        subject="Cracked glaze",
        from_=(MINA,),
        to=(SHOP,),
        cc=(),
        bcc=(),
        reply_to=(),
        at=NOON + timedelta(minutes=minutes),
        snippet=text,
        seen=True,
        complete=True,
        unreadable="",
        warnings=(),
        delivered_to=(),
        report={},
        delivery=None,
        delivery_detail={},
        not_before=None,
        text=text,
        visible_text=text,
        html="",
        has_html=False,
        raw_sha256="",
        attachments=(),
    )
    return replace(row, **changed)  # type: ignore[arg-type]


def attachment(key: int, name: str, **changed: object) -> AttachmentRow:
    """A PDF that lies in the workspace."""
    row = AttachmentRow(
        id=key,
        message_id=1,
        name=name,
        safe_name=name,
        media_type="application/pdf",
        size=214_000,
        state="file",
        section="2",
        sha256="0" * 64,
        content_id="",
        inline=False,
    )
    return replace(row, **changed)  # type: ignore[arg-type]


ELIF = Address(name="Elif Arslan", address="elif@posta.com.tr")
