"""Is a person behind this mail? Classified from its headers, never dropped (rules D1, D2)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from desktop_inbox.domain.messages import MessageClass

LOOP_HEADER = "X-Desktop-Inbox-Loop"

_ROBOT = re.compile(
    r"(?:mailer-daemon|postmaster|abuse|root|no-?reply|do-?not-?reply|bounces?)(?:[+._-].*)?\Z"
)
_AUTO_REPLY_HEADERS = ("x-autoreply", "x-autorespond", "x-autoresponder", "x-auto-reply")
_OUT_OF_OFFICE = re.compile(
    r"^\s*(?:automatic reply|auto(?:matic)?[- ]?reply|auto:|out of (?:the )?office|"
    r"automatische antwort|abwesenheits|abwesend|otomatik (?:yanıt|cevap)|ofis dışı|"
    r"réponse automatique|absence du bureau|respuesta automática|risposta automatica|"
    r"resposta automática|automatisch antwoord|automatiskt svar|automatisk svar|"
    r"автоответ|自动回复|自動返信|자동 회신)",
    re.IGNORECASE,
)
_PERMANENT_STATUS = re.compile(r"^\s*Status:\s*5\.\d", re.IGNORECASE | re.MULTILINE)
_TEMPORARY_STATUS = re.compile(r"^\s*Status:\s*4\.\d", re.IGNORECASE | re.MULTILINE)

Headers = Mapping[str, Sequence[str]]  # lower-case names


def classify(
    headers: Headers, *, sender: str, content_type: str, subject: str = "", report: str = ""
) -> MessageClass:
    """Return what kind of sender is behind a mail.

    `sender` is the address of From, `content_type` the media type of the whole message with its
    parameters, `report` the text of its delivery-status part, '' without one (RFC 3464).
    """
    if LOOP_HEADER.lower() in headers:
        return MessageClass.AUTO_REPLY  # of a program like ours; whether of us, its hash tells
    local = sender.rpartition("@")[0].lower()
    if _is_bounce(headers, local=local, content_type=content_type.lower()):
        temporary = _TEMPORARY_STATUS.search(report) and not _PERMANENT_STATUS.search(report)
        return MessageClass.BOUNCE_TEMPORARY if temporary else MessageClass.BOUNCE_PERMANENT
    if _is_auto_reply(headers, subject=subject):
        return MessageClass.AUTO_REPLY
    if _is_bulk(headers):
        return MessageClass.BULK
    if _ROBOT.match(local) or _first(headers, "auto-submitted") not in {"", "no"}:
        return MessageClass.AUTOMATED
    return MessageClass.HUMAN


def _is_bounce(headers: Headers, *, local: str, content_type: str) -> bool:
    if content_type.startswith("multipart/report"):
        return "delivery-status" in content_type or local in {"mailer-daemon", "postmaster"}
    return local == "mailer-daemon" and bool(headers.get("x-failed-recipients"))


def _is_auto_reply(headers: Headers, *, subject: str) -> bool:
    submitted = _first(headers, "auto-submitted")
    if submitted.startswith(("auto-replied", "auto-notified")):
        return True
    if any(name in headers for name in _AUTO_REPLY_HEADERS):
        return True
    if _first(headers, "precedence") == "auto_reply":
        return True
    return bool(_OUT_OF_OFFICE.match(subject))


def _is_bulk(headers: Headers) -> bool:
    if _first(headers, "precedence") in {"bulk", "list", "junk"}:
        return True
    return any(name in headers for name in ("list-id", "list-unsubscribe", "feedback-id"))


def _first(headers: Headers, name: str) -> str:
    values = headers.get(name, ())
    return values[0].strip().lower() if values else ""
