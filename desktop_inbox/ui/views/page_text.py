"""Shows a page of our own words in the colours of the theme, with links. UI thread only."""

from __future__ import annotations

from PySide6.QtCore import QUrl, Signal
from PySide6.QtGui import QDesktopServices, QResizeEvent
from PySide6.QtWidgets import QFrame, QTextBrowser, QWidget

from desktop_inbox.ui.theme import Theme

_WIDEST = 660  # a line that is longer is hard to read
_MARGIN = 28
_IN_THE_BROWSER = ("https", "mailto")


class PageText(QTextBrowser):
    """A page of HTML that was made from our own Markdown; it loads nothing."""

    link_followed = Signal(str)  # within our own pages

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._html = ""
        self.setProperty("kind", "message")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setOpenLinks(False)
        self.anchorClicked.connect(self._follow)
        self.document().setDocumentMargin(_MARGIN)
        theme.changed.connect(self._draw)

    def show_html(self, html: str, *, section: str = "") -> None:
        """Show a page from its beginning, or from one of its headings."""
        self._html = html
        self._draw()
        if section:
            self.scrollToAnchor(section)

    def loadResource(self, kind: int, name: QUrl | str) -> None:
        """Nothing is ever loaded, from the disk or from elsewhere."""

    def _draw(self) -> None:
        self.document().setDefaultStyleSheet(_style(self._theme))
        at = self.verticalScrollBar().value()
        self.setHtml(self._html)
        self.verticalScrollBar().setValue(at if at <= self.verticalScrollBar().maximum() else 0)

    def _follow(self, url: QUrl) -> None:
        if url.scheme() in _IN_THE_BROWSER:
            QDesktopServices.openUrl(url)
        elif not url.scheme():
            self.link_followed.emit(url.toString())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        widest = self._theme.px(_WIDEST) + 2 * _MARGIN
        spare = self.width() - self.verticalScrollBar().sizeHint().width() - widest
        self.setViewportMargins(0, 0, max(0, spare), 0)


def _style(theme: Theme) -> str:
    def px(size: float) -> str:
        return f"{theme.px(size)}px"

    text, muted = theme.colour("text").name(), theme.colour("muted").name()
    accent, ground = theme.colour("accent").name(), theme.colour("ok_bg").name()
    note = theme.colour("accent_bg").name()
    return f"""
body, p, li, td {{ color: {text}; font-size: {px(14)}; line-height: 145%; }}
p {{ margin: 0 0 {px(10)} 0; }}
ul, ol {{ margin: 0 0 {px(10)} 0; -qt-list-indent: 1; }}
li {{ margin-bottom: {px(5)}; }}
h1 {{ color: {text}; font-size: {px(23)}; font-weight: 700; margin: 0 0 {px(10)} 0; }}
h2 {{ color: {text}; font-size: {px(16)}; font-weight: 600; margin: {px(18)} 0 {px(6)} 0; }}
p.small-heading {{ color: {muted}; font-size: {px(13)}; font-weight: 600;
    margin: {px(10)} 0 {px(4)} 0; }}
a {{ color: {accent}; text-decoration: none; font-weight: 600; }}
b {{ font-weight: 600; }}
span.key {{ background-color: {ground}; color: {text}; }}
table.note {{ background-color: {note}; margin: {px(4)} 0 {px(12)} 0; }}
"""
