"""What priorities are called. Words only."""

from __future__ import annotations

from desktop_inbox.domain.states import Priority
from desktop_inbox.i18n import N_

PRIORITIES = {
    Priority.LOW.value: N_("Low"),
    Priority.NORMAL.value: N_("Normal"),
    Priority.HIGH.value: N_("High"),
    Priority.URGENT.value: N_("Urgent"),
}
