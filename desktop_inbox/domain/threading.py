"""Which conversation an e-mail belongs to: ids, subjects, and who may join (rules C1 to C7)."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

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

# Where everybody can have an address: sharing one of these makes no two people colleagues.
SHARED_DOMAINS = frozenset(
    {
        "126.com", "163.com", "aol.com", "bk.ru", "btinternet.com", "comcast.net", "email.cz",
        "fastmail.com", "free.fr", "gmail.com", "gmx.at", "gmx.ch", "gmx.com", "gmx.de", "gmx.net",
        "googlemail.com", "hey.com", "hotmail.co.uk", "hotmail.com", "hotmail.com.tr",
        "hotmail.de", "hotmail.fr", "hotmail.it", "icloud.com", "inbox.ru", "laposte.net",
        "libero.it", "list.ru", "live.com", "live.nl", "mac.com", "mail.com", "mail.ru", "me.com",
        "msn.com", "mynet.com", "naver.com", "orange.fr", "outlook.com", "outlook.com.tr",
        "outlook.de", "outlook.fr", "pm.me", "posteo.de", "proton.me", "protonmail.com", "qq.com",
        "rocketmail.com", "seznam.cz", "sfr.fr", "t-online.de", "tutanota.com", "ukr.net",
        "verizon.net", "wanadoo.fr", "web.de", "windowslive.com", "wp.pl", "yahoo.co.jp",
        "yahoo.co.uk", "yahoo.com", "yahoo.com.tr", "yahoo.de", "yahoo.fr", "yandex.com",
        "yandex.com.tr", "yandex.ru", "ymail.com", "zoho.com",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """Who may join a thread beyond those who take part in it, as the owner has it (rule C2)."""

    lenient: bool = False  # whoever answers, shown as new
    same_domain: bool = False  # whoever shares a participant's own domain


STRICT = Admission()


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


def may_join(
    sender: str,
    *,
    from_me: bool,
    participants: Collection[str],
    admission: Admission = STRICT,
) -> bool:
    """Tell whether a mail may join a thread whose ids it names (rule C2).

    `participants` are the normalised addresses that wrote in the thread or were written to by us
    in it. Knowing an id is not enough: an outsider who guesses or replays one gets a conversation
    of their own. What we sent ourselves always belongs, what nobody vouches for ('') never.
    """
    if from_me or not participants or sender in participants:
        return True
    if not sender:
        return False
    if admission.lenient:
        return True
    domain = sender.rpartition("@")[2]
    if not admission.same_domain or domain in SHARED_DOMAINS:
        return False
    return any(one.rpartition("@")[2] == domain for one in participants)


def same_topic(subject: str, answered: str) -> bool:
    """Tell whether an answer still is about what it answers (rule C3).

    A subject that was cut, or to which something was added, is the same one.
    """
    new, old = normalised_subject(subject), normalised_subject(answered)
    return not new or not old or new in old or old in new


def is_answer(subject: str) -> bool:
    """Tell whether a subject says that it answers something."""
    return bool(_PREFIX.match(subject.replace("İ", "i̇").casefold()))


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
