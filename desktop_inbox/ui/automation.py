"""Says in the message bar when automatic mail has stopped by itself, and asks what to do (D3).

UI thread only.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from PySide6.QtCore import QObject

from desktop_inbox.domain.automation import TOGETHER
from desktop_inbox.domain.changes import Changes
from desktop_inbox.i18n import _
from desktop_inbox.services import automatic
from desktop_inbox.store import suppression
from desktop_inbox.store.database import Tx
from desktop_inbox.ui.context import AppContext, Banner
from desktop_inbox.ui.views.formats import moment

_KEY = "automation"


class StoppedAutomation(QObject):
    """Follows whether automatic mail waits for a person."""

    def __init__(self, context: AppContext, parent: QObject) -> None:
        super().__init__(parent)
        self._context = context
        self._said: datetime | None = None
        context.bridge.changed.connect(self._follow)
        context.start(self._look(), name="automation")

    def _follow(self, changes: Changes) -> None:
        if changes.accounts:
            self._context.start(self._look(), name="automation")

    async def _look(self) -> None:
        since = await self._context.read(suppression.waits_for_answer)
        if since == self._said:
            return
        self._said = since
        if since is None:
            self._context.banner_cleared.emit(_KEY)
        else:
            self._context.banner.emit(self._banner(since))

    def _banner(self, since: datetime) -> Banner:
        span, most = TOGETHER
        text = _(
            "Automatic answers stopped at {time}: more than {count} would have left within "
            "{minutes} minutes. Perhaps another program answers them by itself. Look at the "
            "latest conversations before they go on."
        ).format(
            time=moment(since, now=datetime.now(UTC)),
            count=most,
            minutes=int(span.total_seconds() // 60),
        )
        return Banner(
            text=text,
            tone="warn",
            action_text=_("Resume"),
            action=self._doing(automatic.resume),
            other_text=_("Leave it off"),
            other=self._doing(automatic.leave_off),
            key=_KEY,
        )

    def _doing(self, what: Callable[[Tx], None]) -> Callable[[], None]:
        return lambda: self._context.start(self._context.write(what), name="automation")
