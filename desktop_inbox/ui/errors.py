"""One table from error codes to sentences with a next step. Words only; no thread of its own."""

from __future__ import annotations

from PySide6.QtCore import QLocale

from desktop_inbox.domain.errors import UserError
from desktop_inbox.i18n import N_, _
from desktop_inbox.store.database import StoreError
from desktop_inbox.sync.runner import AccountStatus, State
from desktop_inbox.ui.context import Banner
from desktop_inbox.ui.views import formats

# UserError and StoreError codes -> sentence; `{name}` is filled from the error's values.
_SENTENCES: dict[str, str] = {
    "database-too-new": N_(
        "This workspace was written by a newer version of Desktop Inbox. Install that version, "
        "or open another workspace."
    ),
    "database-corrupt": N_(
        "The workspace file is damaged. Nothing more is written to it. Restore a copy of the "
        "folder, or keep the file and ask for help."
    ),
    "disk-full": N_(
        "The disk is full, so nothing can be saved. Free some space; what you wrote stays on "
        "the screen."
    ),
    "database-read-only": N_(
        "The workspace folder cannot be written to. Check its permissions, then try again."
    ),
    "database-locked": N_("Another program holds the workspace. Close it, then try again."),
    "database-key-wrong": N_(
        "The passphrase does not open this workspace, or its file is damaged. Try again."
    ),
    "conversation-missing": N_("This conversation is gone: it was merged or removed."),
    "snooze-in-the-past": N_("That time has passed already. Choose a later one."),
    "snooze-needs-end": N_("Choose until when, or until the customer replies."),
    "tag-empty": N_("A tag needs a name."),
    "tag-missing": N_("There is no tag “{name}” any more."),
    "tag-exists": N_("There is a tag “{name}” already."),
    "attachment-gone": N_("The file “{name}” is no longer on the server."),
    "attachment-missing": N_("A file of this message is gone. Remove it and attach it again."),
    "canned-empty": N_("A canned response needs a title and a text."),
    "canned-missing": N_("This canned response is gone."),
    "customer-missing": N_("This customer is gone: they were merged or removed."),
    "message-empty": N_("There is nothing to send: the message is empty."),
    "no-account": N_("There is no channel to send from. Add one, or resume a paused one."),
    "no-file": N_("The file cannot be read: {path}"),
    "no-recipient": N_("Nobody to send to: add a recipient."),
    "not-uncertain": N_("It is already known what became of this message."),
    "not-waiting": N_("This message is not waiting to be sent."),
    "outcome-unknown": N_("Say whether the message was sent, or is to be sent again."),
    "recipient-invalid": N_("Mail cannot go to “{address}”. Check its spelling."),
    "send-in-the-past": N_("That time has passed already. Choose a later one."),
    "shortcut-exists": N_("Another canned response has the shortcut “{shortcut}”."),
    "shortcut-invalid": N_("“{shortcut}” cannot be a shortcut: letters, digits and - only."),
    "unresolved": N_("Fill in what is still open before sending: {places}"),
    "agent-missing": N_("This person is not in the workspace any more."),
    "nothing-to-undo": N_("There is nothing to undo."),
    "merge-with-itself": N_("A conversation cannot be merged with itself."),
    "split-at-the-beginning": N_("There is nothing before this message to split from."),
    "message-missing": N_("This message is gone."),
    "too-late": N_("Too late: the message is on its way already."),
    "draft-missing": N_("This draft is gone: it was sent or thrown away."),
    "account-missing": N_("This channel was removed."),
    "account-exists": N_("{address} is set up already. Look for it under Channels."),
    "address-invalid": N_("“{address}” is not an address that mail can go to. Check its spelling."),
    "kind-unknown": N_("This version does not know the channel “{kind}”."),
    "check-failed": N_("The connection test failed: {detail}"),
    "passphrase-needed": N_("The passphrase of the encrypted file is needed first."),
    "wrong-passphrase": N_("That is not the passphrase. Try again."),
    "vault-unreadable": N_("The file with the passwords cannot be read: {path}"),
    "vault-unwritable": N_("The file with the passwords cannot be written: {path} ({detail})"),
    "keyring-silent": N_("The system's keyring does not answer. Unlock it, then try again."),
    "keyring-refused": N_("The system's keyring refused: {detail}. Unlock it, then try again."),
    "database-unavailable": N_("The workspace cannot be opened. Check that its folder is there."),
}


def sentence(code: str, values: dict[str, object]) -> str:
    """Return the words for a code; an unknown one is shown as it is rather than hidden."""
    text = _SENTENCES.get(code)
    if text is None:
        return _("That is not possible: {code}").format(code=code)
    shown = {name: _shown(value) for name, value in values.items()}
    return _(text).format_map(_Forgiving(shown))


def banner_for(error: BaseException) -> Banner | None:
    """Return the banner for what the user or the world did; None where it is a fault of ours."""
    if isinstance(error, UserError):
        return Banner(text=sentence(error.code, error.values), tone="warn", key=error.code)
    if isinstance(error, StoreError):
        return Banner(text=sentence(error.code, {}), detail=str(error), key=error.code)
    return None


# Why an account stands still: cause -> what happened and what to do.
_CAUSES: dict[str, str] = {
    "network": N_("the server cannot be reached. Check the connection and the server's name"),
    "dns": N_("the server's name is not known. Check its spelling and the connection"),
    "tls": N_("the server's certificate was refused. Check the server's name and the clock"),
    "server": N_("the server answered with an error"),
    "sign_in": N_("the server refused the user name or the password"),
    "revoked": N_("the permission was taken back. Sign in again"),
    "billing": N_("the provider asks for a payment. Look into your account there"),
    "conflict": N_("the account is in use elsewhere. Sign in again here to go on"),
    "rate_limited": N_("the server asked us to slow down"),
    "disk": N_("nothing can be saved on this computer. Free some space"),
    "recipient": N_("the server does not take a recipient"),
    "too_large": N_("the message is larger than the server takes"),
    "invalid": N_("the server did not understand the request"),
}


def cause_words(cause: str) -> str:
    """Return what a cause means, '' for one that has no words."""
    return _(_CAUSES[cause]) if cause in _CAUSES else ""


def account_sentence(title: str, status: AccountStatus) -> str:
    """Return one sentence on how an account is doing, with the next step where there is one."""
    return f"{title}: {_account_words(status)}"


def _account_words(status: AccountStatus) -> str:
    because = cause_words(status.cause)
    match status.state:
        case State.STARTING | State.CONNECTING:
            return _("connecting")
        case State.CATCHING_UP:
            if status.total:
                return _("{done} of {total} messages").format(
                    done=_shown(status.done), total=_shown(status.total)
                )
            return _("catching up")
        case State.ONLINE:
            return _("online")
        case State.PAUSED:
            return _("paused")
        case State.NEEDS_SIGN_IN:
            return because or _("please sign in again")
        case State.FAILED:
            return _("stopped by a fault of this program; it will be tried again at the next start")
        case _:
            words = because or _("waiting")
            if status.until is None:
                return words
            return _("{reason}. Next try at {time}").format(
                reason=words, time=formats.clock(status.until)
            )


def _shown(value: object) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return QLocale().toString(value)
    if isinstance(value, tuple | list):
        return ", ".join(str(one) for one in value)
    return str(value)


class _Forgiving(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return f"{{{key}}}"
