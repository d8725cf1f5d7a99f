"""Plans the calls that deliver a message through Messenger or Instagram. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from desktop_inbox.connectors.contract import ConnectorInfo
from desktop_inbox.connectors.errors import PermanentError, PermanentReason
from desktop_inbox.connectors.meta.api import Service
from desktop_inbox.domain import buttons
from desktop_inbox.domain.messages import Outgoing, OutgoingFile
from desktop_inbox.domain.pieces import in_words
from desktop_inbox.domain.splitting import utf8_bytes

MAX_IMAGE_BYTES = 8 * 2**20
_KINDS = frozenset({"image", "video", "audio"})

Body = Mapping[str, object]


def recipient_of(message: Outgoing) -> str:
    """Return whom a message goes to. *Raises:* PermanentError(RECIPIENT)."""
    address = message.chat or (message.to[0].address if message.to else "")
    if not address:
        raise PermanentError("no recipient", reason=PermanentReason.RECIPIENT)
    return address


def said(message: Outgoing) -> str:
    """Return the text of a message; all pieces but buttons are told in words."""
    offered = buttons.on(message.pieces)
    others = [one for one in message.pieces if one not in offered]
    return "\n".join(filter(None, (message.text.strip(), in_words(others))))


def kind_of(file: OutgoingFile) -> str:
    """Return what Meta takes a file for."""
    kind = file.media_type.partition("/")[0].lower()
    return kind if kind in _KINDS else "file"


def check(message: Outgoing, info: ConnectorInfo) -> None:
    """See that the service takes it. *Raises:* PermanentError."""
    text, limits = said(message), info.limits
    if not text and not message.attachments:
        raise PermanentError("nothing to send", step="body")
    offered = [one.text for one in buttons.on(message.pieces)]
    if len(offered) > limits["max_buttons"]:
        raise PermanentError("too many buttons", step="body")
    if max(map(len, offered), default=0) > limits["max_button_text"]:
        raise PermanentError("the words on a button are too long", step="body")
    sizes = {"max_text": len(text), "max_text_bytes": utf8_bytes(text)}
    if any(size > limits.get(name, size) for name, size in sizes.items()):
        raise PermanentError("the text is too long", reason=PermanentReason.TOO_LARGE)
    for file in message.attachments:
        most = MAX_IMAGE_BYTES if kind_of(file) == "image" else limits["max_file_bytes"]
        if file.size > most:
            raise PermanentError(
                f"{file.name}: more than {most} bytes",
                reason=PermanentReason.TOO_LARGE,
                step="files",
            )


def plan(message: Outgoing, service: Service, uploads: Sequence[tuple[str, str]]) -> list[Body]:
    """Return what to deliver, in order; `uploads` are kinds and names of files left with Meta.

    Text comes last: where it is found later, all before it had been taken.
    """
    contents: list[dict[str, object]] = [
        {"attachment": {"type": kind, "payload": {"attachment_id": name}}} for kind, name in uploads
    ]
    if text := said(message):
        contents.append({"text": text})
    if offered := buttons.on(message.pieces):  # gone as soon as anything follows them
        contents[-1]["quick_replies"] = [
            {"content_type": "text", "title": one.text, "payload": one.text} for one in offered
        ]
    if service.names_sends:
        for content in contents:
            content["metadata"] = message.client_ref
    frame = _frame(message)
    answer = {"reply_to": {"mid": message.in_reply_to}} if message.in_reply_to else {}
    return [
        {**frame, **(answer if content is contents[-1] else {}), "message": content}
        for content in contents
    ]


def _frame(message: Outgoing) -> dict[str, object]:
    how: dict[str, object] = {"messaging_type": "RESPONSE"}
    if message.human_agent:
        how = {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}
    return {"recipient": {"id": recipient_of(message)}, **how}
