"""What a draft keeps beside the text where an answer takes another way. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from desktop_inbox.domain import buttons
from desktop_inbox.services.drafts import DraftContent, content_of
from desktop_inbox.store.rows import DraftRow

if TYPE_CHECKING:
    from desktop_inbox.ui.views.channel_template import TemplateForm


def with_template(typed: DraftContent, template: TemplateForm) -> DraftContent:
    """Return a draft that says what a template does, and keeps what was typed before."""
    form = {**(typed.form or {}), "template": template.form}
    offered = form.pop(buttons.PIECES, None)
    if typed.body or offered:
        form["aside"] = {"body": typed.body, "rich": typed.rich, buttons.PIECES: offered}
    return replace(typed, body=template.text, rich="", caret=0, form=form)


def labels(draft: DraftRow | DraftContent) -> tuple[str, ...]:
    """Return the buttons that a draft offers, which may lie behind a template too."""
    form = draft.form or {}
    kept = form.get("aside") if "template" in form else form
    return buttons.of_form(kept if isinstance(kept, Mapping) else None)


def aside(draft: DraftRow | DraftContent) -> DraftContent:
    """Return what stands in the editor of a draft, which may lie behind a template."""
    content = content_of(draft) if isinstance(draft, DraftRow) else draft
    form = content.form or {}
    if "template" not in form:
        return content
    kept = form.get("aside")
    typed = kept if isinstance(kept, Mapping) else {}
    body, rich = str(typed.get("body", "")), str(typed.get("rich", ""))
    return replace(content, body=body, rich=rich, caret=len(body))
