"""The pictures that stand in a text: which file each is, by its content id. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from desktop_inbox.domain.rich_text import Line, pictures
from desktop_inbox.ui.views.composer_chips import DraftFile


def as_picture(file: DraftFile) -> dict[str, object]:
    """A file that is shown in the text. Its name there comes from its content, so it is one."""
    return {**file, "content_id": f"{str(file['sha256'])[:32]}@picture"}


def is_inline(file: DraftFile) -> bool:
    """Whether a file of a draft is shown in its text, rather than attached."""
    return bool(file.get("content_id"))


class InlinePictures:
    """Knows every picture an editor ever showed, so that undo brings back what was deleted."""

    def __init__(self) -> None:
        self._known: dict[str, DraftFile] = {}
        self._quoted: dict[str, DraftFile] = {}

    def take(self, files: Iterable[DraftFile]) -> None:
        """Know these; those of a forwarded message are told by "quoted"."""
        for file in filter(is_inline, files):
            target = self._quoted if file.get("quoted") else self._known
            target[str(file["content_id"])] = file

    def forget_quoted(self) -> None:
        """What was to be forwarded is not any more."""
        self._quoted.clear()

    def file(self, content_id: str) -> DraftFile | None:
        return self._known.get(content_id)

    def of(self, lines: Sequence[Line], *, quoted: bool) -> tuple[DraftFile, ...]:
        """The files that go out with this text, and with what it forwards."""
        shown = [self._known[name] for name in pictures(lines) if name in self._known]
        names = {file["content_id"] for file in shown}
        others = self._quoted.items() if quoted else ()
        return (*shown, *(file for name, file in others if name not in names))
