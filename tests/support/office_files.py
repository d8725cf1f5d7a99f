"""Small real files of the kinds customers send, made anew for each test."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from xml.sax.saxutils import escape

_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "urn:oasis:names:tc:opendocument:xmlns:office:1.0"
_TEXT = "urn:oasis:names:tc:opendocument:xmlns:text:1.0"


def packed(parts: Mapping[str, str | bytes]) -> bytes:
    """Return a zip of these parts."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return held.getvalue()


def docx(*paragraphs: str, header: str = "") -> bytes:
    """Return a document of Word's; each word of a paragraph is a run of its own."""
    parts = {
        "[Content_Types].xml": "<Types/>",
        "word/document.xml": _document("w:document", _WORD, map(_runs, paragraphs)),
    }
    if header:
        parts["word/header1.xml"] = _document("w:hdr", _WORD, [_runs(header)])
    return packed(parts)


def _runs(text: str) -> str:
    # As Word cuts them: in the middle of words too.
    half = len(text) // 2
    runs = "".join(f"<w:r><w:t>{escape(part)}</w:t></w:r>" for part in (text[:half], text[half:]))
    return f"<w:p>{runs}</w:p>"


def _document(root: str, namespace: str, body: object) -> str:
    inside = "".join(body)  # type: ignore[arg-type]
    return f'<?xml version="1.0"?><{root} xmlns:w="{namespace}"><w:body>{inside}</w:body></{root}>'


def xlsx(rows: list[list[str | int]]) -> bytes:
    """Return a table of Excel's, its words shared and its numbers in place."""
    shared: list[str] = []
    lines = []
    for row in rows:
        cells = []
        for value in row:
            if isinstance(value, str):
                cells.append(f'<c t="s"><v>{len(shared)}</v></c>')
                shared.append(f"<si><t>{escape(value)}</t></si>")
            else:
                cells.append(f"<c><v>{value}</v></c>")
        lines.append(f"<row>{''.join(cells)}</row>")
    return packed(
        {
            "xl/workbook.xml": "<workbook/>",
            "xl/sharedStrings.xml": f'<sst xmlns="{_SHEET}">{"".join(shared)}</sst>',
            "xl/worksheets/sheet1.xml": (
                f'<worksheet xmlns="{_SHEET}"><sheetData>{"".join(lines)}</sheetData></worksheet>'
            ),
        }
    )


def odt(*paragraphs: str) -> bytes:
    """Return a text of LibreOffice's."""
    body = "".join(f"<text:p>{escape(one)}</text:p>" for one in paragraphs)
    return packed(
        {
            "mimetype": "application/vnd.oasis.opendocument.text",
            "content.xml": (
                f'<office:document-content xmlns:office="{_OFFICE}" xmlns:text="{_TEXT}">'
                f"<office:body><office:text>{body}</office:text></office:body>"
                "</office:document-content>"
            ),
        }
    )


def pdf(*pages: str) -> bytes:
    """Return a PDF with a line of Latin text on each page (ISO 32000-1)."""
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", ""]
    kids = []
    font = 3 + 2 * len(pages)
    for number, text in enumerate(pages):
        page, content = 3 + 2 * number, 4 + 2 * number
        kids.append(f"{page} 0 R")
        shown = text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
        stream = f"BT /F1 12 Tf 72 720 Td ({shown}) Tj ET"
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {content} 0 R"
            f" /Resources << /Font << /F1 {font} 0 R >> >> >>"
        )
        objects.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(pages)} >>"
    objects.append(
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
    )
    made = bytearray(b"%PDF-1.4\n")
    places = []
    for number, written in enumerate(objects, start=1):
        places.append(len(made))
        made += f"{number} 0 obj\n{written}\nendobj\n".encode("cp1252")
    table = len(made)
    made += f"xref\n0 {len(places) + 1}\n0000000000 65535 f \n".encode()
    made += b"".join(f"{place:010d} 00000 n \n".encode() for place in places)
    made += f"trailer << /Size {len(places) + 1} /Root 1 0 R >>\n".encode()
    made += f"startxref\n{table}\n%%EOF\n".encode()
    return bytes(made)
