"""Which conversation an e-mail belongs to: ids, subjects, and who may join (rules C1 to C7)."""

from __future__ import annotations

import re
from collections.abc import Collection

from desktop_inbox.domain.messages import ParsedMessage

MAX_REFERENCES = 100

# What mail programs put before the subject of an answer or a forward, in the languages we know.
_REPLY_PREFIXES = (
    "re", "aw", "antw", "antwort", "sv", "vs", "ynt", "yanıt", "cvp", "rif", "r", "res", "odp",
    "ref", "atb", "vá", "σχετ", "bls", "回复", "回覆", "答复", "返信", "답장", "відп", "отв",
)  # fmt: skip
_FORWARD_PREFIXES = (
    "fw", "fwd", "wg", "tr", "rv", "enc", "i", "ilt", "i̇lt", "vl", "vb", "doorst", "pd",
    "továbbítás", "转发", "轉寄", "転送", "전달", "пересл", "πρθ",
)  # fmt: skip
_PREFIX = re.compile(
    r"^\s*(?:(?:" + "|".join(map(re.escape, _REPLY_PREFIXES + _FORWARD_PREFIXES)) + r")"
    r"(?:\[\d{1,3}\]|\(\d{1,3}\))?\s*[:：]\s*)+",
    re.IGNORECASE,
)
_LIST_TAG = re.compile(r"^\s*\[[^\[\]]{1,40}\]\s*")


def reference_ids(parsed: ParsedMessage) -> tuple[str, ...]:
    """Return the ids a mail names as its ancestors, the likeliest parent first (rule C1c).

    In-Reply-To comes before References, and those from the newest to the oldest. A mail that
    names itself is not its own parent.
    """
    named = (*parsed.in_reply_to, *reversed(parsed.references))
    unique = dict.fromkeys(name for name in named if name and name != parsed.message_id)
    return tuple(unique)[:MAX_REFERENCES]


def normalised_subject(subject: str) -> str:
    """Return the subject without reply and forward prefixes and list tags, folded (rule C3)."""
    text = subject.replace("İ", "i̇").casefold()
    while True:
        shorter = _PREFIX.sub("", text)
        shorter = _LIST_TAG.sub("", shorter) or shorter
        if shorter == text:
            return " ".join(text.split())
        text = shorter


def may_join(sender: str, *, from_me: bool, participants: Collection[str]) -> bool:
    """Tell whether a mail may join a thread whose ids it names (rule C2).

    `participants` are the normalised addresses that wrote in the thread or were written to by us
    in it. Knowing an id is not enough: an outsider who guesses or replays one gets a conversation
    of their own. What we sent ourselves always belongs.
    """
    return from_me or not participants or sender in participants


def chain(parent_references: tuple[str, ...], parent_id: str) -> tuple[str, ...]:
    """Return the References of an answer (rule C6, RFC 5322 section 3.6.4).

    At most 100 ids: the first and the last fifty, so that both the root and the branch survive.
    """
    ids = tuple(dict.fromkeys((*parent_references, parent_id) if parent_id else parent_references))
    if len(ids) <= MAX_REFERENCES:
        return ids
    half = MAX_REFERENCES // 2
    return (*ids[:half], *ids[-half:])


def reply_subject(subject: str) -> str:
    """Return the subject of an answer: exactly one "Re:"."""
    return f"Re: {_PREFIX.sub('', subject).strip()}"


def forward_subject(subject: str) -> str:
    """Return the subject of a forward: exactly one "Fwd:"."""
    return f"Fwd: {_PREFIX.sub('', subject).strip()}"
