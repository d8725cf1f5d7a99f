"""Delivery reports: which of our mails came back, for whom, and in which words (rule D6).

Pure, total, linear in the size. RFC 3464 first, then what qmail, Exim, Postfix and Exchange write
for people only.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator

from desktop_inbox.domain.messages import DeliveryReport, FailedRecipient
from desktop_inbox.mime import addresses, charset, headers, structure
from desktop_inbox.mime.structure import Part

_STATUS_REPORTS = frozenset({"message/delivery-status", "message/global-delivery-status"})
_HEADERS_ONLY = frozenset({"text/rfc822-headers", "message/global-headers"})
_SUCCESS = frozenset({"delivered", "relayed", "expanded"})
_MAX_PARTS = 50
_MAX_CHARS = 100_000
_MAX_RECIPIENTS = 100
_MAX_WORDS = 600

_STATUS = re.compile(r"(?<![\d.])([245])\.\d{1,3}\.\d{1,3}(?![\d.])")
_REPLY_CODE = re.compile(r"(?<![\d.])([45])\d\d[ -]")
# Where the words for people end and the mail that came back begins.
_COPY_BEGINS = re.compile(
    r"^-{2,20}.{0,20}(?:below this line is a copy|this is a copy of|original message|"
    r"returned message|ursprüngliche nachricht|özgün ileti|undelivered message)",
    re.IGNORECASE | re.MULTILINE,
)
_ADDRESS_LINE = re.compile(
    r"^[ \t>]{0,8}<?([^\s<>@:;,]{1,64}@[^\s<>@:;,]{1,255})>?:?[ \t]*(.*)$", re.MULTILINE
)
_MESSAGE_ID = re.compile(
    r"^[ \t>]{0,8}Message-ID:\s*<([^<>\s]{1,900})>", re.IGNORECASE | re.MULTILINE
)
_ORIGINAL_ID = re.compile(r"^Original-Message-ID:\s*<([^<>\s]+)>", re.IGNORECASE | re.MULTILINE)
_SAYS_SO = re.compile(
    r"could not be delivered|couldn't be delivered|undeliver|delivery (?:has )?failed|"
    r"unable to deliver|wasn.?t able to deliver|failed permanently|permanent (?:fatal )?error|"
    r"delivery status notification|returned mail|nicht zugestellt|unzustellbar|teslim edilemedi|"
    r"iletilemedi",
    re.IGNORECASE,
)


def read(root: Part, *, text: str, sender: str) -> DeliveryReport | None:
    """Return what a mail reports of another, None where it reports nothing.

    `text` is what it says to people, `sender` the address of its From.
    """
    failed = _named_in_header(root)
    if not (root.media_type == "multipart/report" or failed or _from_a_mailer(root, sender)):
        return None
    parts = list(itertools.islice(root.walk(), _MAX_PARTS))
    status = [part for part in parts if part.media_type in _STATUS_REPORTS]
    if status:
        return DeliveryReport(
            message_ids=tuple(dict.fromkeys(_returned_ids(parts))),
            recipients=tuple(_of_status(charset.decode(one.content) for one in status[:4])),
        )
    return _of_text(text[:_MAX_CHARS], failed, _returned_ids(parts))


def _returned_ids(parts: Iterable[Part]) -> Iterator[str]:
    """Yield the ids of the mail that came back, whole or only its header."""
    for part in parts:
        if part.is_message and part.parts:
            yield from _ids(part.parts[0].fields)
        elif part.media_type in _HEADERS_ONLY:
            yield from _ids(structure.read(part.content[:_MAX_CHARS] + b"\r\n\r\n")[0].fields)
        elif part.media_type in _STATUS_REPORTS:
            text = charset.decode(part.content[:_MAX_CHARS])
            yield from _ORIGINAL_ID.findall(text)


def _ids(fields: headers.Fields) -> tuple[str, ...]:
    values = fields.get("message-id")
    return headers.message_ids(values[0]) if values else ()


# RFC 3464


def _of_status(texts: Iterable[str]) -> Iterator[FailedRecipient]:
    for text in texts:
        blocks = re.split(r"\n[ \t]*\n", text[:_MAX_CHARS].replace("\r\n", "\n"))
        for block in blocks[: _MAX_RECIPIENTS + 1]:
            fields = _fields(block)
            action = fields.get("action", "").split(" ")[0].lower()
            address = _address(fields.get("original-recipient", "")) or _address(
                fields.get("final-recipient", "")
            )
            if not (address or "status" in fields) or action in _SUCCESS:
                continue
            status = _status(fields.get("status", ""))
            yield FailedRecipient(
                address=address,
                status=status,
                permanent=status.startswith("5") if status else action != "delayed",
                words=_words(_after_type(fields.get("diagnostic-code", ""))),
            )


def _fields(block: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in re.sub(r"\n[ \t]+", " ", block).split("\n"):
        name, colon, value = line.partition(":")
        if colon:
            found.setdefault(name.strip().lower(), value.strip())
    return found


def _address(field: str) -> str:
    return addresses.addr_spec(_after_type(field).strip("<> "))


def _after_type(field: str) -> str:
    """Return what stands behind "rfc822;" or "smtp;"."""
    head, semicolon, rest = field.partition(";")
    return rest.strip() if semicolon and " " not in head.strip() else field.strip()


def _status(text: str) -> str:
    found = _STATUS.search(text)
    return found[0] if found else ""


def _words(text: str) -> str:
    return headers.clean(" ".join(text.split()))[:_MAX_WORDS]


# For people only


def _named_in_header(root: Part) -> list[str]:
    values = root.fields.get("x-failed-recipients", ())
    named = [one.address for value in values[:8] for one in addresses.read(value)]
    return [address for address in named if address][:_MAX_RECIPIENTS]


def _from_a_mailer(root: Part, sender: str) -> bool:
    local = sender.rpartition("@")[0].lower()
    if local.startswith(("mailer-daemon", "postmaster", "mailer_daemon")):
        return True
    return returns_nowhere(root)


def returns_nowhere(root: Part) -> bool:
    """Tell whether a mail has the empty return path of what no program may answer (RFC 3834)."""
    values = root.fields.get("return-path")
    return values is not None and any(raw.strip() == b"<>" for raw in values)


def _of_text(text: str, failed: list[str], returned: Iterable[str]) -> DeliveryReport | None:
    copy = _COPY_BEGINS.search(text)
    told = text[: copy.start()] if copy else text
    if not failed and not _SAYS_SO.search(told):
        return None
    ids = [*returned, *_MESSAGE_ID.findall(text[copy.start() :] if copy else text)]
    recipients = list(_of_lines(told, failed))
    return DeliveryReport(
        message_ids=tuple(dict.fromkeys(ids))[:_MAX_RECIPIENTS], recipients=tuple(recipients)
    )


def _of_lines(told: str, failed: list[str]) -> Iterator[FailedRecipient]:
    """Yield addresses that stand at the beginning of a line, with the words below each."""
    found = [hit for hit in _ADDRESS_LINE.finditer(told) if addresses.addr_spec(hit[1])]
    if failed:
        found = [hit for hit in found if hit[1].lower() in {one.lower() for one in failed}]
    seen: dict[str, None] = {}
    for index, hit in enumerate(found, 1):
        end = found[index].start() if index < len(found) else len(told)
        address = hit[1]
        if address.lower() not in seen and len(seen) < _MAX_RECIPIENTS:
            seen[address.lower()] = None
            yield _told_of(address, f"{hit[2]} {told[hit.end() : end]}")
    for address in failed:
        if address.lower() not in seen:
            seen[address.lower()] = None
            yield _told_of(address, told)


def _told_of(address: str, text: str) -> FailedRecipient:
    text = text[: 2 * _MAX_WORDS]
    status = _status(text)
    code = _REPLY_CODE.search(text)
    temporary = status.startswith("4") or bool(not status and code and code[1] == "4")
    return FailedRecipient(
        address=address, status=status, permanent=not temporary, words=_words(text)
    )
