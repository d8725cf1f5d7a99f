"""Answers, notes, new messages and drafts."""

from __future__ import annotations

import mimetypes
import sys
from argparse import Namespace
from email.utils import parseaddr
from pathlib import Path

from desktop_inbox.cli import shapes
from desktop_inbox.cli.conversations import find
from desktop_inbox.cli.output import iso, listing, table
from desktop_inbox.cli.session import Session
from desktop_inbox.connectors.kinds import is_chat
from desktop_inbox.domain.conversations import reply_recipients
from desktop_inbox.domain.errors import UserError
from desktop_inbox.domain.identities import addresses_of
from desktop_inbox.domain.messages import Address
from desktop_inbox.domain.states import Direction
from desktop_inbox.domain.threading import reply_subject
from desktop_inbox.services import channels, replies
from desktop_inbox.services import drafts as drafting
from desktop_inbox.services.drafts import DraftContent
from desktop_inbox.services.replies import CLOSE, After, QueuedReply
from desktop_inbox.store import accounts, drafts, messages
from desktop_inbox.store.database import Tx
from desktop_inbox.store.rows import AccountRow, MessageRow


def reply(session: Session, options: Namespace) -> None:
    """Queue an answer to the latest message of the conversation."""
    row = find(session, options.id)
    text, html = text_of(options), _text_file(options.html_file) if options.html_file else ""
    _check_account(session, options.channel)
    files = keep_files(session, options.attach)

    def queue(tx: Tx) -> QueuedReply:
        draft = _answer(
            tx,
            row.id,
            everybody=options.all,
            account_id=options.channel,
            body=text,
            attachments=files,
        )
        return replies.queue_reply(
            tx,
            session.workspace.files,
            draft=draft,
            at=options.at,
            then=_afterwards(options),
            html=html,
        )

    _answer_queued(session, session.write(queue))


def note(session: Session, options: Namespace) -> None:
    """Write an internal note."""
    text = text_of(options)
    message_id = session.write(lambda tx: replies.add_note(tx, options.id, text))
    session.output.document({"message": message_id}, [f"Note {message_id} is kept."])


def compose(session: Session, options: Namespace) -> None:
    """Queue a message that begins a conversation."""
    account = session.read(lambda conn: accounts.row(conn, options.account))
    read = _as_typed if account is not None and is_chat(account.kind) else _addresses
    draft = DraftContent(
        account_id=options.account,
        mode="new",
        to=read(options.to),
        cc=read(options.cc),
        bcc=read(options.bcc),
        subject=options.subject,
        body=text_of(options),
        attachments=keep_files(session, options.attach),
    )
    _check_account(session, options.account)
    queued = session.write(
        lambda tx: replies.compose_new(tx, session.workspace.files, draft=draft, at=options.at)
    )
    _answer_queued(session, queued)


def save_draft(session: Session, options: Namespace) -> None:
    """Keep a draft in a conversation, as its composer shows it."""
    row = find(session, options.id)
    text = text_of(options)
    draft_id = session.write(
        lambda tx: drafting.save(tx, _answer(tx, row.id, body=text, caret=len(text)))
    )
    session.output.document({"draft": draft_id}, [f"Draft {draft_id} is kept."])


def list_drafts(session: Session, options: Namespace) -> None:
    """List every draft, the one last touched first."""
    rows = session.read(drafts.list_all)
    session.output.document(
        listing([shapes.draft(row) for row in rows]),
        table(
            ("ID", "CONVERSATION", "MODE", "TO", "SAVED", "TEXT"),
            (
                (
                    row.id,
                    row.conversation_id,
                    row.mode,
                    ", ".join(map(str, row.to)),
                    row.updated_at,
                    row.body,
                )
                for row in rows
            ),
        ),
    )


def discard_draft(session: Session, options: Namespace) -> None:
    """Throw a draft away."""
    session.write(lambda tx: drafting.discard(tx, options.id))
    session.output.document({"draft": options.id}, [f"Draft {options.id} is gone."])


def text_of(options: Namespace) -> str:
    """Return the text named by --text or --text-file. *Raises:* UserError("no-file")."""
    return str(options.text) if options.text is not None else _text_file(options.text_file)


def _check_account(session: Session, account_id: int | None) -> None:
    if account_id is None:
        return
    if session.read(lambda conn: accounts.row(conn, account_id)) is None:
        raise UserError("account-missing", id=account_id)


def _text_file(path: Path) -> str:
    try:
        data = sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
        return data.decode("utf-8-sig")
    except OSError as error:
        raise UserError("no-file", path=path, detail=error.strerror or error) from error
    except UnicodeDecodeError as error:
        raise UserError("no-file", path=path, detail="not UTF-8") from error


def keep_files(session: Session, paths: list[Path]) -> tuple[dict[str, object], ...]:
    return tuple(_keep_file(session, path) for path in paths)


def _keep_file(session: Session, path: Path) -> dict[str, object]:
    try:
        size = path.stat().st_size
        sha256 = session.workspace.files.put_file(path, durable=True)
    except OSError as error:
        raise UserError("no-file", path=path, detail=error.strerror or error) from error
    media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return {"name": path.name, "media_type": media_type, "size": size, "sha256": sha256}


def _answer(
    tx: Tx,
    conversation_id: int,
    *,
    everybody: bool = False,
    account_id: int | None = None,
    body: str = "",
    caret: int = 0,
    attachments: tuple[dict[str, object], ...] = (),
) -> DraftContent:
    """Return the draft of an answer, addressed as the composer would address it."""
    answered = _answered(tx, conversation_id)
    other = _other_channel(tx, account_id, answered)
    to, cc = _recipients(tx, answered, everybody=everybody)
    if other is not None:
        to, cc = channels.recipients(tx.conn, conversation_id, other), ()
    return DraftContent(
        conversation_id=conversation_id,
        account_id=account_id,
        mode="reply_all" if everybody else "reply",
        answers_id=answered.id if answered else None,
        to=to,
        cc=cc,
        subject=reply_subject(answered.subject) if answered else "",
        body=body,
        caret=caret,
        attachments=attachments,
    )


def _recipients(
    tx: Tx, answered: MessageRow | None, *, everybody: bool
) -> tuple[tuple[Address, ...], tuple[Address, ...]]:
    """Return to whom an answer to this message goes, and who gets a copy."""
    if answered is None:
        return (), ()
    own: set[str] = set()
    for account in accounts.list_all(tx.conn):
        own |= addresses_of(account.settings, address=account.address)
    people = reply_recipients(
        from_=answered.from_,
        reply_to=answered.reply_to,
        to=answered.to,
        cc=answered.cc,
        own=frozenset(own),
        everybody=everybody,
        from_me=answered.direction is Direction.OUT,
    )
    return people.to, people.cc


def _other_channel(
    tx: Tx, account_id: int | None, answered: MessageRow | None
) -> AccountRow | None:
    """Return the account an answer goes out through, where that is another channel's."""
    row = accounts.row(tx.conn, account_id) if account_id is not None else None
    return row if row and answered and answered.channel not in (row.kind, "") else None


def _answered(tx: Tx, conversation_id: int) -> MessageRow | None:
    public = [
        one
        for one in messages.of_conversation(tx.conn, conversation_id)
        if one.direction in (Direction.IN, Direction.OUT)
    ]
    incoming = [one for one in public if one.direction is Direction.IN]
    return next(reversed(incoming or public), None)


def _afterwards(options: Namespace) -> After | None:
    if options.close:
        return CLOSE
    if options.snooze is None:
        return None
    if options.snooze == "until-reply":
        return After(snooze_until_reply=True)
    return After(snooze_until=options.snooze)


def _addresses(texts: list[str]) -> tuple[Address, ...]:
    found = []
    for text in texts:
        name, address = parseaddr(text)
        # What the header parser cannot read is kept as typed, so that it is refused by its name.
        found.append(Address(name=name, address=address if "@" in address else text))
    return tuple(found)


def _as_typed(texts: list[str]) -> tuple[Address, ...]:
    """Return numbers and names of messaging channels, which are no addresses of mail."""
    return tuple(Address(address=text) for text in texts)


def _answer_queued(session: Session, queued: QueuedReply) -> None:
    value = {
        "message": queued.message_id,
        "conversation": queued.conversation_id,
        "client_ref": queued.client_ref,
        "state": queued.state.value,
        "not_before": iso(queued.not_before),
    }
    line = f"Message {queued.message_id} is {queued.state.value}; it leaves with the next sync."
    session.output.document(value, [line])
