"""What Messenger and Instagram have in common to set up, and to offer. Pure."""

from __future__ import annotations

from desktop_inbox.connectors.setup import Field, FieldGroup, FieldType
from desktop_inbox.i18n import N_

MAX_QUICK_REPLIES = 13
MAX_QUICK_REPLY = 20  # characters

HUMAN_AGENT = Field(
    name="human_agent",
    title=N_("Answers after 24 hours"),
    type=FieldType.SWITCH,
    default="no",
    choices=("no", "yes"),
    choice_titles=(N_("No"), N_("Yes")),
    group=FieldGroup.CONVERSATIONS,
    help=N_("Up to 7 days, once Meta has approved Human Agent for your app."),
)
