"""An approved text in place of one's own: which one, what stands in its gaps, how it will read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QFormLayout, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from desktop_inbox.connectors.contract import Template
from desktop_inbox.domain import approved_texts
from desktop_inbox.domain.customers import visible
from desktop_inbox.i18n import _
from desktop_inbox.ui.theme import Theme
from desktop_inbox.ui.views.controls import PlainLabel, link_button

_MOST_GAPS = 20  # more than any service allows
_LONGEST_VALUE = 1000


class TemplateForm(QWidget):
    """Stands where the editor does while a template is being filled in."""

    changed = Signal()  # by a person
    closed = Signal()

    def __init__(self, theme: Theme, *, parent: QWidget) -> None:
        super().__init__(parent)
        self._open = False
        self._templates: tuple[Template, ...] = ()
        self._kept: dict[str, object] = {}  # what a draft says, until its template is known
        self._kept_text = ""
        self.choice = QComboBox()
        self.choice.setAccessibleName(_("Template"))
        self.choice.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.choice.setMinimumContentsLength(18)
        self.choice.activated.connect(lambda _place: self._choose_anew())
        self.fields: list[QLineEdit] = []
        self._said = PlainLabel(kind="small", wrap=True)
        self.preview = PlainLabel(wrap=True)
        self.preview.setAccessibleName(_("How it will read"))
        self._build()
        self.hide()

    def _build(self) -> None:
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.choice, 1)
        row.addWidget(link_button(_("Write freely"), clicked=self.close_form))
        self._rows = QFormLayout()
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setVerticalSpacing(6)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(row)
        column.addWidget(self._said)
        column.addLayout(self._rows)
        column.addWidget(PlainLabel(_("How it will read"), kind="caption"))
        column.addWidget(self.preview)

    # --- what it holds ---

    @property
    def is_open(self) -> bool:
        """Whether a template goes out instead of what is typed."""
        return self._open

    @property
    def template(self) -> Template | None:
        """The one that is chosen."""
        place = self.choice.currentIndex()
        return self._templates[place] if 0 <= place < len(self._templates) else None

    @property
    def form(self) -> dict[str, object]:
        """What a draft keeps of it."""
        template = self.template
        if template is None:
            return dict(self._kept)
        values = [field.text().strip() for field in self.fields]
        return {"name": template.name, "language": template.language, "values": values}

    @property
    def text(self) -> str:
        """How it will read."""
        template = self.template
        if template is None:
            return self._kept_text
        return approved_texts.filled(template.text, [field.text() for field in self.fields])

    @property
    def gap(self) -> str:
        """Why it cannot leave as it is, '' where it can."""
        if self.template is None:
            return _("Choose a template first.")
        empty = [place for place, field in enumerate(self.fields, 1) if not field.text().strip()]
        if empty:
            return _("Gap {number} of the template is still empty.").format(number=empty[0])
        return ""

    # --- opening and closing ---

    def open_form(self, kept: Mapping[str, object] | None = None, *, text: str = "") -> None:
        """Stand open; with `kept` and `text` as a draft says."""
        self._open = True
        self._kept, self._kept_text = dict(kept or {}), text
        self._templates = ()
        self.choice.clear()
        self._show_fields()
        self._say(_("The templates are being looked up…"))
        self.show()

    def close_form(self) -> None:
        """Give its place back to the editor."""
        if self._open:
            self._open = False
            self.hide()
            self.closed.emit()

    def show_templates(self, templates: Sequence[Template], *, said: str) -> None:
        """Offer these; `said` is what else there is to know. What is filled in stays."""
        if not self._open:
            return
        known = self.form
        self._kept = known
        self._kept_text = self.text
        self._templates = tuple(templates)
        self.choice.clear()
        self.choice.addItems([_titled(one) for one in templates])
        self.choice.setCurrentIndex(self._place_of(known))
        self._show_fields(known.get("values"))
        gone = known.get("name") and templates and self.template is None
        lost = _("The template that was chosen is not offered any more.") if gone else ""
        self._say("\n".join(part for part in (lost, said) if part))

    def focus(self) -> None:
        """Put the caret where something is missing."""
        empty = [field for field in self.fields if not field.text().strip()]
        (empty[0] if empty else self.choice).setFocus()

    def _place_of(self, known: Mapping[str, object]) -> int:
        names = [(one.name, one.language) for one in self._templates]
        wanted = (known.get("name"), known.get("language"))
        if wanted in names:
            return names.index(wanted)
        return -1 if known.get("name") or not names else 0

    def _choose_anew(self) -> None:
        self._show_fields()
        self.changed.emit()

    def _show_fields(self, values: object = ()) -> None:
        while self._rows.rowCount():
            self._rows.removeRow(0)
        template = self.template
        count = min(approved_texts.gaps(template.text), _MOST_GAPS) if template else 0
        given = list(values) if isinstance(values, (list, tuple)) else []
        self.fields = []
        for place in range(count):
            field = QLineEdit(str(given[place]) if place < len(given) else "")
            field.setMaxLength(_LONGEST_VALUE)
            name = _("Gap {number}").format(number=place + 1)
            field.setAccessibleName(name)
            field.textEdited.connect(self._on_typed)
            self._rows.addRow(name, field)
            self.fields.append(field)
        self._show_preview()

    def _on_typed(self) -> None:
        self._show_preview()
        self.changed.emit()

    def _show_preview(self) -> None:
        self.preview.setText(visible_lines(self.text))

    def _say(self, words: str) -> None:
        self._said.setText(words)
        self._said.setVisible(bool(words))


def visible_lines(text: str) -> str:
    """Foreign text on several lines, with nothing in it that hides."""
    return "\n".join(visible(line) for line in text.splitlines())


def _titled(template: Template) -> str:
    return visible(f"{template.title or template.name} ({template.language})")
