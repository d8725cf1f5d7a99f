"""Opens the composer on what a mailto: link asks for. UI thread only."""

from __future__ import annotations

from desktop_inbox.domain import mailto
from desktop_inbox.i18n import _
from desktop_inbox.services import drafts
from desktop_inbox.services.drafts import DraftContent
from desktop_inbox.store import accounts
from desktop_inbox.ui.context import AppContext, Banner

_KEY = "mailto"


async def write(context: AppContext, link: str) -> None:
    """Begin a message with what the link fills in; it lies among the drafts from then on."""
    letter = mailto.parse(link)
    content = DraftContent(
        mode="new",
        to=letter.to,
        cc=letter.cc,
        bcc=letter.bcc,
        subject=letter.subject,
        body=letter.body,
        caret=len(letter.body),
    )
    draft_id = await context.write(lambda tx: drafts.save(tx, content))
    if not await context.read(accounts.list_all):
        context.banner.emit(
            Banner(
                text=_(
                    "There is no channel to write from yet. Add one; what the link asks for waits "
                    "among the drafts."
                ),
                tone="warn",
                action_text=_("Add a channel"),
                action=context.actions["account.add"].trigger,
                key=_KEY,
            )
        )
        return
    context.draft_requested.emit(draft_id)
    if letter.wanted_files:
        context.banner.emit(
            Banner(
                text=_(
                    "The link wanted to attach a file from this computer. Links may not; attach "
                    "what you want to send yourself."
                ),
                tone="warn",
                key=_KEY,
            )
        )
