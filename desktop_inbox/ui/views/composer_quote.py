"""What goes out below an answer: signature, and the message it answers or passes on. Pure."""

from __future__ import annotations

import re

from desktop_inbox.domain.customers import visible
from desktop_inbox.domain.messages import Address
from desktop_inbox.i18n import _
from desktop_inbox.store.rows import MessageRow
from desktop_inbox.ui.views.formats import absolute

LONGEST_QUOTE = 200_000  # characters; what is behind them is in the customer's own copy
_REPLY = re.compile(r"\s*re\s*:\s*", re.IGNORECASE)
_FORWARD = re.compile(r"\s*(?:fwd?|wg)\s*:\s*", re.IGNORECASE)


def reply_subject(subject: str) -> str:
    """Re: once, whatever stood before."""
    return subject if _REPLY.match(subject) else f"Re: {subject}".strip()


def forward_subject(subject: str) -> str:
    """Fwd: once."""
    return subject if _FORWARD.match(subject) else f"Fwd: {subject}".strip()


def quoted(message: MessageRow) -> str:
    """The answered message, each line marked, under a line that says whose it is."""
    lines = message.text[:LONGEST_QUOTE].strip("\n").splitlines()
    marked = "\n".join(
        f">{line}" if line.startswith(">") else f"> {line}".rstrip() for line in lines
    )
    # Translators: the line above a quoted message
    attribution = _("On {date}, {author} wrote:").format(
        date=absolute(message.at), author=_people(message.from_) or visible(message.author_name)
    )
    return f"{attribution}\n{marked}" if lines else ""


def forwarded(message: MessageRow) -> str:
    """A message as it is passed on: its heading, then its text as it was."""
    heading = [
        (_("From"), _people(message.from_)),
        (_("Date"), absolute(message.at)),
        (_("Subject"), visible(message.subject)),
        (_("To"), _people(message.to)),
        (_("Cc"), _people(message.cc)),
    ]
    told = "\n".join(f"{title}: {value}" for title, value in heading if value)
    rule = _("Forwarded message")
    text = message.text[:LONGEST_QUOTE].strip("\n")
    return f"---------- {rule} ----------\n{told}\n\n{text}"


def outgoing_text(body: str, *, signature: str, quote: str) -> str:
    """The whole text that leaves: what was typed, the signature, then the quoted message."""
    parts = [body.rstrip()]
    if signature.strip():
        parts.append(f"-- \n{signature.strip()}")
    if quote:
        parts.append(quote)
    return "\n\n".join(parts) + "\n"


def _people(addresses: tuple[Address, ...]) -> str:
    return ", ".join(visible(str(address)) for address in addresses)
