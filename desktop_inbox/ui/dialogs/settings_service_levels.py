"""The page of the settings with all service levels, in the order in which they are tried.

UI thread only.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from PySide6.QtWidgets import QHBoxLayout, QWidget
from shiboken6 import isValid

from desktop_inbox.domain.changes import Changes
from desktop_inbox.domain.policies import ClockKind, Conditions, Target, Terms
from desktop_inbox.i18n import N_, _
from desktop_inbox.services import service_levels
from desktop_inbox.store import accounts, customer_fields, policies, tags
from desktop_inbox.store.policies import Book
from desktop_inbox.ui.dialogs.policy_editor import PolicyEditor, PolicyFacts
from desktop_inbox.ui.dialogs.policy_fields import Known
from desktop_inbox.ui.dialogs.settings_form import SettingsPage
from desktop_inbox.ui.views.controls import PlainLabel, button, icon_button
from desktop_inbox.ui.views.ordered_list import OrderedList
from desktop_inbox.ui.views.priority_words import PRIORITIES
from desktop_inbox.ui.views.service_level_words import (
    CLOCKS,
    channel_title,
    channels,
    policy_name,
    target_words,
)

_LIST_HEIGHT = 250


class ServiceLevelsPage(SettingsPage):
    """A list; each entry is written in a card of its own."""

    id = "service-levels"
    title = N_("Service levels")
    icon = "hourglass"

    def build(self) -> None:
        self._book = Book()
        self._known = Known()
        self.wide(
            PlainLabel(
                _("The first that is meant for a conversation counts. Drag to change the order."),
                kind="small",
                wrap=True,
            ),
            words=" ".join(_(words) for words in (*CLOCKS.values(), N_("Warnings"), N_("Targets"))),
        )
        self.list = OrderedList(self.context.theme, name=_("Service levels"))
        self.list.setMinimumHeight(self.context.theme.px(_LIST_HEIGHT))
        self.list.opened.connect(self._edit)
        self.list.moved.connect(self._move)
        self.list.removed.connect(self._remove)
        self.wide(self.list, words=_("Service levels"))
        self.wide(self._buttons(), words=_("Add a service level"))
        self.context.bridge.changed.connect(self._on_changed)

    async def load(self) -> None:
        """Read what is promised, and what conditions may name."""
        book = await self.context.read(policies.book)
        known = Known(
            channels=channels(),
            accounts=await self.context.read(accounts.list_all),
            tags=await self.context.read(tags.list_all),
            fields=await self.context.read(customer_fields.list_all),
        )
        if isValid(self):
            self._book, self._known = book, known
            self._show()

    def editor(self, uid: str) -> PolicyEditor:
        """Return the card for a service level, or with '' for a new one; not open yet."""
        facts = PolicyFacts(
            known=self._known,
            hours=[(one.uid, one.current) for one in self._book.calendars if not one.deleted],
        )
        kept = next((one for one in self._book.policies if one.uid == uid), None)
        terms = _blank() if kept is None else kept.current
        calendar = self._book.hours_of(terms)
        if calendar is not None and calendar.uid != terms.calendar:
            terms = replace(terms, calendar=calendar.uid)
        return PolicyEditor(self.context, self.desk.window, facts=facts, uid=uid, terms=terms)

    def _show(self) -> None:
        self.list.show_entries(
            [
                (one.uid, f"{_title(one.current)}\n{self._words(one.current)}", one.current.enabled)
                for one in self._book.policies
                if not one.deleted
            ]
        )

    def _words(self, terms: Terms) -> str:
        """For whom, and how much time there is."""
        promised = ", ".join(
            f"{_(CLOCKS[kind])} {target_words(target)}" for kind, target in terms.targets.items()
        )
        return f"{self._meant_for(terms.conditions)} · {promised}"

    def _meant_for(self, wanted: Conditions) -> str:
        names = [channel_title(kind) for kind in sorted(wanted.channels)]
        names += [one.title for one in self._known.accounts if one.uid in wanted.accounts]
        names += [_(PRIORITIES[one]) for one in PRIORITIES if one in wanted.priorities]
        names += [f"#{one.name}" for one in self._known.tags if one.uid in wanted.tags]
        names += [_("VIP")] if wanted.vip else []
        for one in self._known.fields:
            if one.uid in wanted.fields:
                names.append(f"{one.name}: {', '.join(sorted(wanted.fields[one.uid]))}")
        return ", ".join(names) or _("Everything else")

    # --- what is done ---

    def _edit(self, uid: str) -> None:
        self.editor(uid).open()

    def _edit_chosen(self) -> None:
        if self.list.chosen():
            self._edit(self.list.chosen())

    def _move(self, uid: str, place: int) -> None:
        self.context.commands.run(
            lambda tx: service_levels.move_policy(tx, uid, place), _("Order changed")
        )

    def _remove(self, uid: str) -> None:
        kept = next((one for one in self._book.policies if one.uid == uid), None)
        if kept is not None:
            self.context.commands.run(
                lambda tx: service_levels.remove_policy(tx, uid),
                _("Removed {title}").format(title=_title(kept.current)),
            )

    def _on_changed(self, changes: Changes) -> None:
        if changes.service_levels and self.isVisible():
            self.context.start(self.load())

    def _buttons(self) -> QWidget:
        theme = self.context.theme
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(button(_("Add a service level"), clicked=lambda: self._edit("")))
        row.addWidget(button(_("Edit"), kind="ghost", clicked=self._edit_chosen))
        row.addStretch(1)
        up, down = (lambda: self.list.move_chosen(-1)), (lambda: self.list.move_chosen(1))
        row.addWidget(icon_button(theme, "chevron-up", _("Further up (Alt+Up)"), clicked=up))
        row.addWidget(
            icon_button(theme, "chevron-down", _("Further down (Alt+Down)"), clicked=down)
        )
        row.addWidget(
            icon_button(
                theme, "trash-2", _("Remove"), clicked=lambda: self._remove(self.list.chosen())
            )
        )
        return holder


def _title(terms: Terms) -> str:
    name = policy_name(terms.name)
    return name if terms.enabled else _("{name} (not in force)").format(name=name)


def _blank() -> Terms:
    """What a new service level begins with."""
    target = Target(length=timedelta(hours=4))
    return Terms(
        name="", targets={ClockKind.FIRST_RESPONSE: target, ClockKind.NEXT_RESPONSE: target}
    )
