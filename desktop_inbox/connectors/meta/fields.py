"""What setting up Messenger and Instagram has in common. Pure."""

from __future__ import annotations

from desktop_inbox.connectors.setup import Field, FieldGroup, FieldType
from desktop_inbox.i18n import N_

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
