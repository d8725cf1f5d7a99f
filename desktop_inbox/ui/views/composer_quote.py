"""What goes out below an answer: the message it answers or passes on. Pure."""

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
    return f"{attribution(message)}\n{marked}" if lines else ""


def attribution(message: MessageRow) -> str:
    """The line above a quoted message: when it was written, and by whom."""
    # Translators: the line above a quoted message
    return _("On {date}, {author} wrote:").format(
        date=absolute(message.at), author=_people(message.from_) or visible(message.author_name)
    )


def forwarded(message: MessageRow) -> str:
    """A message as it is passed on: its heading, then its text as it was."""
    text = message.text[:LONGEST_QUOTE].strip("\n")
    return f"{forward_heading(message)}\n\n{text}"


def forward_heading(message: MessageRow) -> str:
    """What stands above a message that is passed on."""
    heading = [
        (_("From"), _people(message.from_)),
        (_("Date"), absolute(message.at)),
        (_("Subject"), visible(message.subject)),
        (_("To"), _people(message.to)),
        (_("Cc"), _people(message.cc)),
    ]
    told = "\n".join(f"{title}: {value}" for title, value in heading if value)
    rule = _("Forwarded message")
    return f"---------- {rule} ----------\n{told}"


def _people(addresses: tuple[Address, ...]) -> str:
    return ", ".join(visible(str(address)) for address in addresses)
