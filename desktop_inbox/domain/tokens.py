"""Names that prove themselves: ids and addresses of ours that carry a keyed hash (rule C1).

Only whoever has the workspace's key can make one, so an answer that bears one was written to
something we sent, however little else of the headers a mail program kept. A token tells where an
answer belongs, never who may write there: that is asked as of any other id (rule C2).
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re
import uuid
from dataclasses import dataclass

KEY_BYTES = 32
MAX_LOCAL_OCTETS = 64  # RFC 5321 section 4.5.3.1.1

_ID_MAC_BYTES = 10
_ADDRESS_MAC_BYTES = 8  # what leaves room for the name before it
_SUBJECT_BYTES = 5  # of the conversation's uid: enough to find one, short enough to read
_SUBJECT_MAC_BYTES = 5

_WORD = r"[a-z2-7]"
_OWN_ID = re.compile(rf"({_WORD}{{26}})\.({_WORD}{{26}})\.({_WORD}{{16}})@", re.IGNORECASE)
_OWN_ADDRESS = re.compile(rf"([^@]+)\+r({_WORD}{{39}})@([^@]+)\Z", re.IGNORECASE)
_IN_SUBJECT = re.compile(rf"\[#({_WORD}{{8}})-({_WORD}{{8}})\]", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnId:
    """What one of our Message-IDs says, once its hash was verified."""

    conversation: str  # its uid
    attempt: str  # the uid made for this one message


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnAddress:
    """One of our addresses with a token, once its hash was verified."""

    plain: str  # without the token
    conversation: str  # its uid


def message_id(key: bytes, *, conversation: str, attempt: str, domain: str) -> str:
    """Return the Message-ID of a message of ours (rule C1b): conversation, attempt, hash."""
    body = _bytes(conversation) + _bytes(attempt)
    parts = (body[:16], body[16:], _mac(key, "message-id", body, _ID_MAC_BYTES))
    return f"{'.'.join(map(_text, parts))}@{domain}"


def read_message_id(key: bytes, name: str) -> OwnId | None:
    """Return what a Message-ID says that was made with `key`, None for any other."""
    found = _OWN_ID.match(name)
    if found is None:
        return None
    parts = [_raw(part) for part in found.groups()]
    body = parts[0] + parts[1]
    if not hmac.compare_digest(parts[2], _mac(key, "message-id", body, _ID_MAC_BYTES)):
        return None
    return OwnId(conversation=_uid(parts[0]), attempt=_uid(parts[1]))


def reply_address(key: bytes, address: str, *, conversation: str) -> str:
    """Return `address` with a token that leads an answer back to the conversation (rule C1a).

    '' where the name before the @ leaves no room for one.
    """
    local, at, domain = address.rpartition("@")
    body = _bytes(conversation)
    token = _text(body + _mac(key, "address", body, _ADDRESS_MAC_BYTES))
    marked = f"{local}+r{token}"
    return f"{marked}@{domain}" if at and len(marked.encode()) <= MAX_LOCAL_OCTETS else ""


def read_address(key: bytes, address: str) -> OwnAddress | None:
    """Return what an address says that was made with `key`, None for any other."""
    found = _OWN_ADDRESS.match(address)
    if found is None:
        return None
    local, token, domain = found.groups()
    data = _raw(token)
    body, mac = data[:16], data[16:]
    if not hmac.compare_digest(mac, _mac(key, "address", body, _ADDRESS_MAC_BYTES)):
        return None
    return OwnAddress(plain=f"{local}@{domain}", conversation=_uid(body))


def without_token(address: str) -> str:
    """Return an address without a token of ours, genuine or not: it is the same mailbox."""
    found = _OWN_ADDRESS.match(address) if "+r" in address else None
    return f"{found[1]}@{found[3]}" if found else address


def subject_token(key: bytes, *, conversation: str) -> str:
    """Return the mark for a subject line (rule C1e), such as "[#mzxw6ytb-oi2dsmbr]"."""
    body = _bytes(conversation)[:_SUBJECT_BYTES]
    return f"[#{_text(body)}-{_text(_mac(key, 'subject', body, _SUBJECT_MAC_BYTES))}]"


def read_subject(key: bytes, subject: str) -> str:
    """Return how the uid of the conversation begins whose mark a subject bears, '' for none."""
    for found in _IN_SUBJECT.finditer(subject):
        body, mac = map(_raw, found.groups())
        if hmac.compare_digest(mac, _mac(key, "subject", body, _SUBJECT_MAC_BYTES)):
            digits = body.hex()
            return f"{digits[:8]}-{digits[8:]}"
    return ""


def without_subject_token(subject: str) -> str:
    """Return a subject without marks of ours, genuine or not."""
    return " ".join(_IN_SUBJECT.sub(" ", subject).split()) if "[#" in subject else subject


def _mac(key: bytes, purpose: str, body: bytes, size: int) -> bytes:
    # The purpose keeps what is public in one place from being replayed in another.
    return hmac.digest(key, purpose.encode() + b"\0" + body, "sha256")[:size]


def _bytes(uid: str) -> bytes:
    return uuid.UUID(uid).bytes


def _uid(data: bytes) -> str:
    return str(uuid.UUID(bytes=data))


def _text(data: bytes) -> str:
    return base64.b32encode(data).decode("ascii").rstrip("=").lower()


def _raw(text: str) -> bytes:
    try:
        return base64.b32decode(text.upper() + "=" * (-len(text) % 8))
    except binascii.Error:
        return b""
