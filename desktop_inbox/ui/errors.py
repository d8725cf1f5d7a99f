"""What the window says about refusals, failures and accounts. Words only; the table is words.py."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from PySide6.QtCore import QLocale

from desktop_inbox import words
from desktop_inbox.domain.errors import UserError
from desktop_inbox.i18n import N_, _
from desktop_inbox.store.errors import StoreError
from desktop_inbox.sync.status import AccountStatus, State
from desktop_inbox.ui.context import Banner
from desktop_inbox.ui.views import formats

# What the window says in other words than the command line, which speaks of ids and of commands.
_IN_THE_WINDOW: dict[str, str] = {
    "kind-unknown": N_("This version does not know the channel “{kind}”."),
    "passphrase-needed": N_("The passphrase of the encrypted file is needed first."),
    "wrong-passphrase": N_("That is not the passphrase. Try again."),
    "account-missing": N_("This channel was removed."),
    "conversation-missing": N_("This conversation is gone: it was merged or removed."),
    "message-missing": N_("This message is gone."),
    "customer-missing": N_("This customer is gone: they were merged or removed."),
    "draft-missing": N_("This draft is gone: it was sent or thrown away."),
    "canned-missing": N_("This canned response is gone."),
    "not-waiting": N_("This message is not waiting to be sent."),
    "not-uncertain": N_("It is already known what became of this message."),
    "outcome-unknown": N_("Say whether the message was sent, or is to be sent again."),
}


def sentence(code: str, values: Mapping[str, object]) -> str:
    """Return the words for a refusal, with the next step."""
    text = _IN_THE_WINDOW.get(code)
    return _(text).format_map(defaultdict(str, values)) if text else words.refusal(code, values)


def banner_for(error: BaseException) -> Banner | None:
    """Return the banner for what the user or the world did; None where it is a fault of ours."""
    if isinstance(error, UserError):
        return Banner(text=sentence(error.code, error.values), tone="warn", key=error.code)
    if isinstance(error, StoreError):
        return Banner(text=sentence(error.code, {}), detail=str(error), key=error.code)
    return None


def cause_words(cause: str) -> str:
    """Return what a cause means and what to do, '' for one that has no words."""
    return _(words.CAUSES[cause]) if cause in words.CAUSES else ""


def account_sentence(title: str, status: AccountStatus) -> str:
    """Return one sentence on how an account is doing, with the next step where there is one."""
    return f"{title}: {account_words(status)}"


def account_words(status: AccountStatus) -> str:
    """Return the same without saying which account it is."""
    # Where secrets cannot be read, the engine says so by code in the detail.
    because = cause_words(status.detail) or cause_words(status.cause)
    match status.state:
        case State.CATCHING_UP if status.total:
            return _("{done} of {total} messages").format(
                done=QLocale().toString(status.done), total=QLocale().toString(status.total)
            )
        case State.NEEDS_SIGN_IN | State.FAILED:
            return because or _(words.STATES[status.state])
        case State.WAITING:
            reason = because or _(words.STATES[status.state])
            if status.until is None:
                return reason
            return _("{reason} Next try at {time}.").format(
                reason=reason, time=formats.clock(status.until)
            )
        case _:
            return _(words.STATES[status.state])
