"""Makes the contents of the events that say something, and change it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from desktop_inbox.connectors.matrix.reading import FURTHER, REF
from desktop_inbox.domain.messages import Outgoing, OutgoingFile

Content = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A file that lies on the server."""

    file: OutgoingFile
    address: str  # mxc
    key: Mapping[str, object] | None  # what opens it, where it is sealed


def contents(message: Outgoing, files: list[Stored]) -> list[Content]:
    """Return what delivers a message: its words, then each file by itself."""
    made: list[Content] = []
    if message.text.strip():
        made.append({"msgtype": "m.text", "body": message.text})
    made += [_file(one) for one in files]
    for number, content in enumerate(made, start=1):
        content[REF] = part_ref(message.client_ref, number)
        content["m.mentions"] = {}
    if made and message.in_reply_to:
        made[0]["m.relates_to"] = {"m.in_reply_to": {"event_id": message.in_reply_to}}
    return made


def part_ref(client_ref: str, number: int) -> str:
    """Return our name of a part of a message, which is its transaction too: sent once only."""
    return client_ref if number == 1 else f"{client_ref}{FURTHER}{number}"


def edit(target: str, text: str, *, ref: str) -> Content:
    """Return what has a message of ours say something else (m.replace)."""
    new: Content = {"msgtype": "m.text", "body": text, REF: ref, "m.mentions": {}}
    return {
        **new,
        "body": f"* {text}",
        "m.new_content": new,
        "m.relates_to": {"rel_type": "m.replace", "event_id": target},
    }


def reaction(target: str, emoji: str) -> Content:
    """Return one thing that we think of a message (m.annotation)."""
    return {"m.relates_to": {"rel_type": "m.annotation", "event_id": target, "key": emoji}}


def room_for(user_id: str, *, encrypted: bool) -> Content:
    """Return what opens a room to talk with somebody alone."""
    made: Content = {
        "preset": "trusted_private_chat",
        "invite": [user_id],
        "is_direct": True,
    }
    if encrypted:
        state = {"type": "m.room.encryption", "content": {"algorithm": "m.megolm.v1.aes-sha2"}}
        made["initial_state"] = [state]
    return made


def _file(stored: Stored) -> Content:
    file = stored.file
    kind = file.media_type.partition("/")[0]
    made: Content = {
        "msgtype": f"m.{kind}" if kind in {"image", "audio", "video"} else "m.file",
        "body": file.name,
        "filename": file.name,
        "info": {"mimetype": file.media_type, "size": file.size},
    }
    if stored.key is None:
        return made | {"url": stored.address}
    return made | {"file": {**stored.key, "url": stored.address}}
