"""Which page of the guide belongs to the place where somebody is. UI thread only."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from desktop_inbox.services.guide import INDEX

# By the class of a widget; the innermost that is named here counts.
PLACES: dict[str, str] = {
    "AccountSetup": "start",
    "ActivityPage": "answering",
    "CannedEditor": "canned",
    "CannedPicker": "canned",
    "CannedResponses": "canned",
    "Composer": "answering",
    "ManualServers": "other-providers",
    "MessageBar": "trouble",
    "OutboxView": "uncertain",
    "Palette": "keyboard",
    "PolicyEditor": "deadlines",
    "SearchBar": "search",
    "ServiceLevelPanel": "deadlines",
    "Shortcuts": "keyboard",
    "ThreadView": "answering",
    "TimePicker": "snooze",
    "ViewEditor": "search",
    "Welcome": "start",
}
SETTINGS: dict[str, str] = {  # by the id of their page
    "advanced": "gmail-outlook",
    "backup": "backup",
    "business-hours": "deadlines",
    "channels": "start",
    "identities": "start",
    "keyboard": "keyboard",
    "privacy": "privacy",
    "service-levels": "deadlines",
    "updates": "updates",
    "work": "answering",
    "you": "start",
}
VIEWS: dict[str, str] = {  # of the list
    "due": "deadlines",
    "outbox": "uncertain",
    "snoozed": "snooze",
}


def page_for(widget: QWidget | None, *, view: str, settings_page: str = "") -> str:
    """Return the page for the widget with the focus.

    `view` is what the list shows, `settings_page` the page of the settings where they are open.
    """
    if settings_page:
        return SETTINGS.get(settings_page, INDEX)
    while widget is not None:
        name = type(widget).__name__
        if name in PLACES:
            return PLACES[name]
        if name == "ConversationList":
            return VIEWS.get(view, "answering")
        widget = widget.parentWidget()
    return VIEWS.get(view, INDEX)
