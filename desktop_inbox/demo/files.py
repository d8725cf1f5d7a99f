"""Small pictures, PDFs and tables that the sample shop's customers send: made when needed, pure.

Their voice notes lie in resources/demo/voices; nobody speaks there, they were made by code as well.
"""

from __future__ import annotations

import colorsys
import math
import struct
import zlib
from collections.abc import Callable

from desktop_inbox.paths import resources

_WIDTH, _HEIGHT = 720, 540
_DAMAGED = ("kirik", "broken", "chip", "sprung", "craz", "caydanlik")
_TALL = ("kupa", "mug", "jar", "teapot", "vase", "vasen", "caydanlik", "cafe")

Colour = tuple[int, int, int]


def attachment(spec: str) -> tuple[str, str, bytes]:
    """Return file name, media type and content for a spec such as "photo:teapot.png"."""
    kind, _colon, name = spec.partition(":")
    media_type, make = _MAKERS[kind]
    return name, media_type, make(name)


def picture(name: str) -> bytes:
    """Return a PNG of a piece of pottery on a table, the same one each time for a name."""
    seed = zlib.crc32(name.encode())
    hue = 0.58 if "mavi" in name or "blue" in name else (seed % 360) / 360
    if any(word in name for word in _TALL):
        rows = _vessel(hue)
    else:
        rows = _plate(hue, cracked=any(word in name for word in _DAMAGED), turn=seed % 7)
    return _png(rows)


def pdf(name: str) -> bytes:
    """Return a one-page PDF whose heading is taken from the file name."""
    heading = name.removesuffix(".pdf").replace("-", " ").capitalize()
    lines = (
        (20, heading),
        (11, "Kaya Ceramics, Moda Cad. 41, Kadikoy, Istanbul"),
        (11, ""),
        (11, "6   Toprak dinner plate, 27 cm            228.00"),
        (11, "2   Deniz mug, 30 cl                       48.00"),
        (11, "1   Parcel and packing                     12.50"),
        (11, ""),
        (12, "Total                                     288.50"),
        (11, ""),
        (11, "Thank you for your order."),
    )
    return _pdf_page(lines)


def table(name: str) -> bytes:
    """Return a CSV of the shop's pieces with two prices, as spreadsheets write it."""
    pieces = (
        ("Toprak dinner plate", "27 cm", 38, 24.70),
        ("Toprak soup plate", "22 cm", 34, 22.10),
        ("Deniz mug", "30 cl", 24, 15.60),
        ("Deniz flat-white cup with saucer", "18 cl", 27, 17.55),
        ("Kum cereal bowl", "15 cm", 28, 18.20),
        ("Kum teapot", "90 cl", 89, 57.85),
    )
    rows = [f"Piece;Size;Shop;Wholesale;{name.removesuffix('.csv')}"]
    rows += [
        f"{piece};{size};{shop:.2f};{wholesale:.2f};" for piece, size, shop, wholesale in pieces
    ]
    return ("\ufeff" + "\r\n".join(rows) + "\r\n").encode()


def voice(name: str) -> bytes:
    """Return a voice note, as Opus, or a voicemail, as MP3."""
    return (resources() / "demo" / "voices" / name).read_bytes()


_MAKERS: dict[str, tuple[str, Callable[[str], bytes]]] = {
    "photo": ("image/png", picture),
    "pdf": ("application/pdf", pdf),
    "csv": ("text/csv", table),
    "voice": ("audio/ogg", voice),
    "voicemail": ("audio/mpeg", voice),
}


def _colour(hue: float, saturation: float, value: float) -> Colour:
    red, green, blue = colorsys.hsv_to_rgb(hue % 1, saturation, min(1.0, max(0.0, value)))
    return round(red * 255), round(green * 255), round(blue * 255)


def _paint(row: bytearray, left: float, right: float, colour: Colour) -> None:
    start, end = max(0, round(left)), min(_WIDTH, round(right))
    if end > start:
        row[start * 3 : end * 3] = bytes(colour) * (end - start)


def _table_top(y: int, hue: float) -> bytearray:
    light = 0.86 - 0.22 * y / _HEIGHT
    if y < _HEIGHT * 0.16:  # the wall behind the table
        return bytearray(bytes(_colour(hue + 0.5, 0.05, 0.93 - 0.05 * y / _HEIGHT)) * _WIDTH)
    return bytearray(bytes(_colour(0.085, 0.32, light)) * _WIDTH)


def _ellipse(
    row: bytearray, y: int, centre_y: float, wide: float, high: float, colour: Colour
) -> None:
    distance = (y - centre_y) / high
    if abs(distance) < 1:
        half = wide * math.sqrt(1 - distance * distance)
        _paint(row, _WIDTH / 2 - half, _WIDTH / 2 + half, colour)


def _plate(hue: float, *, cracked: bool, turn: int) -> list[bytes]:
    rows = []
    middle = _HEIGHT * 0.55
    for y in range(_HEIGHT):
        row = _table_top(y, hue)
        shade = 0.08 * (y - middle) / _HEIGHT
        _ellipse(row, y, middle + 16, 266, 196, _colour(0.085, 0.35, 0.50))  # its shadow
        _ellipse(row, y, middle, 262, 190, _colour(hue, 0.22, 0.90 - shade))
        _ellipse(row, y, middle, 250, 180, _colour(hue, 0.34, 0.80 - shade))
        _ellipse(row, y, middle + 3, 184, 130, _colour(hue, 0.30, 0.66 + shade * 2))
        _ellipse(row, y, middle + 7, 176, 122, _colour(hue, 0.36, 0.74 + shade * 3))
        if cracked:
            _crack(row, y, middle, turn)
        rows.append(bytes(row))
    return rows


def _crack(row: bytearray, y: int, middle: float, turn: int) -> None:
    if abs(y - middle) > 176:
        return
    zigzag = 26 * math.sin(y / 23 + turn) + 11 * math.sin(y / 7.0)
    x = _WIDTH / 2 + (y - middle) * (0.2 + 0.08 * turn) + zigzag
    width = 2.5 + 3.5 * abs(math.sin(y / 31))
    _paint(row, x - width, x + width, (58, 44, 36))


def _vessel(hue: float) -> list[bytes]:
    rows = []
    top, bottom = _HEIGHT * 0.26, _HEIGHT * 0.80
    for y in range(_HEIGHT):
        row = _table_top(y, hue)
        _ellipse(row, y, bottom, 178, 34, _colour(0.085, 0.35, 0.50))
        if top <= y <= bottom + 26:
            along = (y - top) / (bottom - top)
            half = 128 + 26 * math.sin(along * math.pi) - 14 * along
            if y > bottom:
                half *= math.sqrt(max(0.0, 1 - ((y - bottom) / 27) ** 2))
            _handle(row, y, top, bottom, half, hue)
            for step in range(12):  # rounded: lighter on the left, darker on the right
                edge = _WIDTH / 2 - half + 2 * half * step / 12
                value = 0.84 - 0.34 * abs(step - 3.5) / 8.5 - (0.10 if along < 0.16 else 0)
                _paint(row, edge, edge + half / 6 + 1, _colour(hue, 0.42, value))
        _ellipse(row, y, top, 128, 26, _colour(hue, 0.22, 0.90))
        _ellipse(row, y, top + 2, 118, 21, _colour(hue, 0.50, 0.38))
        rows.append(bytes(row))
    return rows


def _handle(row: bytearray, y: int, top: float, bottom: float, half: float, hue: float) -> None:
    middle, reach = (top + bottom) / 2, (bottom - top) * 0.32
    distance = (y - middle) / reach
    if abs(distance) < 1:
        bow = 92 * math.sqrt(1 - distance * distance)
        start = _WIDTH / 2 + half - 12
        thickness = 30 if abs(distance) < 0.82 else 92
        _paint(row, start + max(0.0, bow - thickness), start + bow, _colour(hue, 0.46, 0.56))


def _png(rows: list[bytes]) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", _WIDTH, len(rows), 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"".join(b"\0" + row for row in rows), 6)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )


def _pdf_page(lines: tuple[tuple[int, str], ...]) -> bytes:
    y, content = 780, []
    for size, text in lines:
        escaped = text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
        content.append(f"BT /F1 {size} Tf 60 {y} Td ({escaped}) Tj ET")
        y -= size + 8
    stream = "\n".join(content).encode("latin-1", "replace")
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        (
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
            b" /Resources << /Font << /F1 5 0 R >> >> >>"
        ),
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Courier >>",
    )
    page, offsets = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, 1):
        offsets.append(len(page))
        page += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(page)
    page += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    page += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    page += b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1,
        start,
    )
    return bytes(page)
