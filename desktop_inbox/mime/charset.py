"""Bytes to text, whatever the label says: aliases, mislabelled and unlabelled mail.

Pure and total: every function returns for every input. Only text codecs of an allow-list are
ever used, so that a label can neither start a decompressor nor another of Python's transforms.
"""

from __future__ import annotations

import re
from functools import lru_cache

import cchardet

# Python codec by label. Single-byte ISO labels mean their Windows supersets in practice, as the
# WHATWG table has it; Chinese, Japanese and Korean ones mean the widest codec of their family.
_ALIASES = {
    "ascii": "",
    "us-ascii": "",
    "ansi_x3.4-1968": "",
    "iso646-us": "",
    "us": "",
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "utf8mb4": "utf-8",
    "utf8mb3": "utf-8",
    "unicode-1-1-utf-8": "utf-8",
    "cp65001": "utf-8",
    "utf-8-sig": "utf-8",
    "utf-7": "utf-7",
    "utf7": "utf-7",
    "unicode-1-1-utf-7": "utf-7",
    "utf-16": "utf-16",
    "utf16": "utf-16",
    "unicode": "utf-16",
    "utf-16le": "utf-16-le",
    "utf-16be": "utf-16-be",
    "utf-32": "utf-32",
    "utf-32le": "utf-32-le",
    "utf-32be": "utf-32-be",
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "l1": "cp1252",
    "iso8859-1": "cp1252",
    "iso_8859-1": "cp1252",
    "cp819": "cp1252",
    "ansi": "cp1252",
    "iso-8859-9": "cp1254",
    "iso8859-9": "cp1254",
    "iso_8859-9": "cp1254",
    "latin5": "cp1254",
    "l5": "cp1254",
    "iso-8859-11": "cp874",
    "tis-620": "cp874",
    "tis620": "cp874",
    "iso-8859-8-i": "iso8859-8",
    "iso-8859-8-e": "iso8859-8",
    "iso-8859-6-i": "iso8859-6",
    "iso-8859-6-e": "iso8859-6",
    "gb2312": "gb18030",
    "gb_2312-80": "gb18030",
    "gbk": "gb18030",
    "cp936": "gb18030",
    "windows-936": "gb18030",
    "x-gbk": "gb18030",
    "euc-cn": "gb18030",
    "hz-gb-2312": "hz",
    "big5": "big5hkscs",
    "big5-hkscs": "big5hkscs",
    "x-x-big5": "big5hkscs",
    "cn-big5": "big5hkscs",
    "cp950": "cp950",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "sjis": "cp932",
    "x-sjis": "cp932",
    "ms_kanji": "cp932",
    "windows-31j": "cp932",
    "cp943c": "cp932",
    "x-euc-jp": "euc_jp",
    "eucjp": "euc_jp",
    "iso-2022-jp": "iso2022_jp_ext",
    "csiso2022jp": "iso2022_jp_ext",
    "cp50220": "iso2022_jp_ext",
    "euc-kr": "cp949",
    "ks_c_5601-1987": "cp949",
    "ks_c_5601": "cp949",
    "ksc5601": "cp949",
    "ksc_5601": "cp949",
    "uhc": "cp949",
    "x-windows-949": "cp949",
    "iso-2022-kr": "iso2022_kr",
    "koi8": "koi8_r",
    "macintosh": "mac_roman",
    "x-mac-roman": "mac_roman",
    "mac": "mac_roman",
    "x-mac-turkish": "mac_turkish",
    "macturkish": "mac_turkish",
    "x-mac-cyrillic": "mac_cyrillic",
    "x-mac-greek": "mac_greek",
    "x-mac-ce": "mac_latin2",
}
_PLAIN = (
    *(f"iso8859-{n}" for n in (2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16)),
    *(f"cp{n}" for n in (*range(1250, 1259), 437, 850, 852, 855, 857, 858, 860, 861, 862)),
    *(f"cp{n}" for n in (863, 865, 866, 874, 932, 949, 950)),
    *("koi8_r", "koi8_u", "euc_jp", "gb18030", "hz", "big5hkscs", "iso2022_jp_ext"),
    *("iso2022_kr", "mac_roman", "mac_turkish", "mac_cyrillic", "mac_greek", "mac_latin2"),
    *("tis_620", "iso8859-11"),
)
_SHAPE = re.compile(r"[-_ .]+")
_UNKNOWN = frozenset({"", "unknown-8bit", "x-unknown", "unknown", "8bit", "binary", "default"})
_GUESS_BYTES = 65_536
_FALLBACK = "cp1252"


def _bare(label: str) -> str:
    return _SHAPE.sub("", label)


_CODECS = {_bare(name): name for name in _PLAIN}
_CODECS |= {_bare(f"windows-{n}"): f"cp{n}" for n in range(1250, 1259)}
_CODECS |= {_bare(f"ibm{n}"): f"cp{n}" for n in (437, 850, 852, 855, 857, 862, 866)}
_CODECS |= {_bare(f"latin{n}"): f"iso8859-{i}" for n, i in ((2, 2), (3, 3), (4, 4), (9, 15))}
_CODECS |= {_bare(f"viscii{n}"): "cp1258" for n in ("", "1.1")}
_CODECS |= {_bare(label): codec for label, codec in _ALIASES.items()}


@lru_cache(maxsize=512)
def codec(label: str) -> str:
    """Return the Python codec that a charset label means.

    '' for US-ASCII, for no label, and for labels that nobody can mean: text then has to be
    recognised by its bytes.
    """
    cleaned = label.strip().strip("\"'").split("*", 1)[0].lower()
    if cleaned in _UNKNOWN:
        return ""
    return _CODECS.get(_bare(cleaned), "")


@lru_cache(maxsize=512)
def is_known(label: str) -> bool:
    """Tell whether a label is one we decode by (US-ASCII and no label count as known)."""
    cleaned = label.strip().strip("\"'").split("*", 1)[0].lower()
    return cleaned in _UNKNOWN or _bare(cleaned) in _CODECS


def decode(data: bytes, label: str = "") -> str:
    """Return `data` as text, by its label where the bytes agree with it."""
    if not data:
        return ""
    named = codec(label)
    if named.startswith(("utf-16", "utf-32", "utf-7", "iso2022", "hz")):
        return _forgiving(data, named)
    if data.isascii():
        return data.decode("ascii")
    if named == "utf-8":
        return _utf8(data)
    if named:
        return _labelled(data, named)
    return _unlabelled(data)


def guess(data: bytes) -> str:
    """Return the codec that unlabelled 8-bit text most likely has; never ''."""
    found = cchardet.detect(data[:_GUESS_BYTES])["encoding"] or ""
    return codec(found) or _FALLBACK


def _forgiving(data: bytes, name: str) -> str:
    return data.decode(name, "replace").removeprefix("\ufeff")


def _labelled(data: bytes, name: str) -> str:
    try:
        return data.decode(name)
    except UnicodeDecodeError:
        pass
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode(name, "replace")


def _unlabelled(data: bytes) -> str:
    try:
        return data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError:
        return _forgiving(data, guess(data))


def _utf8(data: bytes) -> str:
    try:
        return data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError:
        text = data.decode("utf-8", "replace").removeprefix("\ufeff")
    broken = text.count("\ufffd")
    sound = len(text) - broken - len(text.encode("ascii", "ignore"))
    # A cut or damaged character leaves most of the text sound; a wrong label leaves none of it.
    return text if sound >= broken else _forgiving(data, guess(data))
