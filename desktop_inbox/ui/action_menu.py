"""Menus made of rows of the one table of actions. UI thread only."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from desktop_inbox.i18n import _
from desktop_inbox.ui.context import AppContext

LINE = ""  # stands between ids where a menu has a line


def fill(menu: QMenu, context: AppContext, action_ids: Iterable[str]) -> None:
    """Put actions into a menu, each with its icon in the colours of now."""
    for action_id in action_ids:
        if action_id == LINE:
            menu.addSeparator()
            continue
        action = context.actions[action_id]
        if icon := context.actions.spec(action_id).icon:
            action.setIcon(context.icon(icon))
        menu.addAction(action)


def fill_about(
    menu: QMenu, context: AppContext, action_ids: Iterable[str], run: Callable[[str], object]
) -> None:
    """Put rows of the table into a menu that is about one thing, whatever is selected elsewhere.

    `run` does with that thing what was chosen, named by its id.
    """
    for action_id in action_ids:
        if action_id == LINE:
            menu.addSeparator()
            continue
        spec = context.actions.spec(action_id)
        action = QAction(_(spec.text), menu)
        action.setObjectName(action_id)
        if spec.icon:
            action.setIcon(context.icon(spec.icon))
        action.triggered.connect(lambda _checked=False, one=action_id: run(one))
        menu.addAction(action)
