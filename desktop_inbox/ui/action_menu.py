"""Menus made of rows of the one table of actions. UI thread only."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtWidgets import QMenu

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
