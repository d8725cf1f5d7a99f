"""What an account of a channel with reply windows is asked about keeping them open (rule M4). Pure.

Whoever still waits an hour before the end is asked, once, to write again, which opens the window
anew. Off unless an owner turns it on.
"""

from __future__ import annotations

from collections.abc import Mapping

from desktop_inbox.connectors.setup import Field, FieldGroup, FieldType
from desktop_inbox.i18n import N_, _

_LONGEST = 250  # characters: it leaves in one message, also where 1000 bytes are the most

_ASKS = Field(
    name="keep_open",
    title=N_("Keep conversations open"),
    type=FieldType.SWITCH,
    default="no",
    choices=("no", "yes"),
    choice_titles=(N_("No"), N_("Yes")),
    group=FieldGroup.AUTOMATIC,
    help=N_(
        "An hour before the time to answer ends, a customer who still waits is asked once to"
        " write again."
    ),
)
_TEXT = Field(
    name="keep_open_text",
    title=N_("Text that asks for it"),
    type=FieldType.LONG_TEXT,
    default=N_(
        "We are still working on your question. Please send us a short message, so that we can"
        " go on answering you here."
    ),
    worded=True,
    most=_LONGEST,
    group=FieldGroup.AUTOMATIC,
    help=N_("Up to 250 characters. Empty: the usual text."),
)

FIELDS = (_ASKS, _TEXT)


def text_of(fields: tuple[Field, ...], settings: Mapping[str, object]) -> str:
    """Return what an account asks with, '' where it does not; `fields` are its channel's own."""
    if _ASKS not in fields or settings.get(_ASKS.name) != "yes":
        return ""
    return str(settings.get(_TEXT.name) or "").strip() or _(_TEXT.default)
