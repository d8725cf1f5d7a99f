"""One table from error codes to sentences with a next step. Words only; no thread of its own."""

from __future__ import annotations

from PySide6.QtCore import QLocale

from desktop_inbox.domain.errors import UserError
from desktop_inbox.i18n import N_, _
from desktop_inbox.store.database import StoreError
from desktop_inbox.ui.context import Banner

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
    "database-full": N_(
        "The disk is full, so nothing can be saved. Free some space; what you wrote stays on "
        "the screen."
    ),
    "database-read-only": N_(
        "The workspace folder cannot be written to. Check its permissions, then try again."
    ),
    "database-locked": N_("Another program holds the workspace. Close it, then try again."),
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


def _shown(value: object) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return QLocale().toString(value)
    return str(value)


class _Forgiving(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return f"{{{key}}}"
