"""Phone numbers in the one form they are compared in (rule E2), and the variants of one number.

Small rules of our own: what decides is the calling code, the trunk prefix and the length.
"""

from __future__ import annotations

import re
from typing import NamedTuple

MIN_DIGITS = 7  # the shortest whole number in use, calling code and all
MAX_DIGITS = 15  # ITU-T E.164


class _Region(NamedTuple):
    code: str  # calling code
    trunk: str = "0"  # dialled before a national number, never after the calling code
    abroad: str = "00"  # dialled before a calling code


_REGIONS = {
    "AR": _Region("54"), "AT": _Region("43"), "AU": _Region("61", abroad="0011"),
    "AZ": _Region("994"), "BE": _Region("32"), "BG": _Region("359"), "BR": _Region("55"),
    "CA": _Region("1", "1", "011"), "CH": _Region("41"), "CN": _Region("86"),
    "CY": _Region("357", ""), "CZ": _Region("420", ""), "DE": _Region("49"),
    "DK": _Region("45", ""), "EG": _Region("20"), "ES": _Region("34", ""),
    "FI": _Region("358"), "FR": _Region("33"), "GB": _Region("44"), "GR": _Region("30", ""),
    "HU": _Region("36", "06"), "IE": _Region("353"), "IN": _Region("91"),
    "IT": _Region("39", ""), "JP": _Region("81", "0", "010"), "KR": _Region("82"),
    "MX": _Region("52", ""), "NL": _Region("31"), "NO": _Region("47", ""),
    "NZ": _Region("64"), "PL": _Region("48", ""), "PT": _Region("351", ""),
    "RO": _Region("40"), "RU": _Region("7", "8", "810"), "SE": _Region("46"),
    "TR": _Region("90"), "UA": _Region("380"), "US": _Region("1", "1", "011"),
    "ZA": _Region("27"),
}  # fmt: skip

_EXTENSION = re.compile(r"(?:;|,|#|\b(?:ext|extension|dahili)\b|x).*", re.IGNORECASE | re.DOTALL)
_ALLOWED = re.compile(r"\+?[0-9\s().\-/\u00a0\u2010-\u2015]+\Z")
_NOT_DIGIT = re.compile(r"[^0-9]")


def regions() -> tuple[str, ...]:
    """Return the countries whose national numbers are understood, as ISO 3166 codes."""
    return tuple(_REGIONS)


def normalise_phone(written: str, *, region: str = "") -> str:
    """Return a number as E.164 ("+905321234567"), '' where it cannot be one.

    A number without a calling code is read as one of `region`, an ISO 3166 code; where that is
    empty or unknown only international numbers are understood. Extensions are left out.
    """
    text = _EXTENSION.sub("", written.strip()).replace("(0)", "")
    if not text.isascii():
        text = "".join(_ascii_digit(char) for char in text)
    if not _ALLOWED.match(text):
        return ""
    digits = _NOT_DIGIT.sub("", text)
    home = _REGIONS.get(region.upper())
    if text.startswith("+"):
        whole = digits
    elif home is not None:
        whole = _from_home(digits, home)
    else:
        whole = digits[2:] if digits.startswith("00") else ""
    if whole.startswith("0") or not MIN_DIGITS <= len(whole) <= MAX_DIGITS:
        return ""
    return f"+{whole}"


def region_of(number: str) -> str:
    """Return the country that an E.164 number is of, '' where it is not known here.

    Of countries with a common calling code the one most of its people live in.
    """
    found = [name for name, one in _REGIONS.items() if number.startswith(f"+{one.code}")]
    return max(found, key=lambda name: (len(_REGIONS[name].code), name), default="")


def _ascii_digit(char: str) -> str:
    return str(int(char)) if char.isdecimal() else char


def _from_home(digits: str, home: _Region) -> str:
    if digits.startswith(home.abroad):
        return digits[len(home.abroad) :]
    # No national number is as long as one that already has its calling code.
    if digits.startswith(home.code) and len(digits) > 10:
        return digits
    if home.trunk and digits.startswith(home.trunk):
        digits = digits[len(home.trunk) :]
    return home.code + digits


def secondary_phone(number: str) -> str:
    """Return one form for the national variants of an E.164 number (rule E2).

    Brazilian mobiles with and without the 9 behind the area code, Argentine ones with and
    without the 9 behind 54, Mexican ones with and without the 1 behind 52 are one.
    """
    if number.startswith("+55") and len(number) == 14 and number[5] == "9":
        return number[:5] + number[6:]
    if number.startswith("+549") and len(number) == 14:
        return "+54" + number[4:]
    if number.startswith("+521") and len(number) == 14:
        return "+52" + number[4:]
    return number


def phone_digits(written: str) -> str:
    """Return the digits of a number that do not depend on where it is dialled from."""
    text = _EXTENSION.sub("", written.replace("(0)", ""))
    return "".join(char for char in text if char in "0123456789").lstrip("0")


def search_token(written: str) -> str:
    """Return the word under which a number is found, '' for none.

    Backwards, so that its end, which is the same wherever it is dialled from, begins the word.
    """
    digits = phone_digits(written)
    return f"tel{digits[::-1]}" if digits else ""


def searched_token(written: str) -> str:
    """Return the beginning of that word for a number somebody looks for.

    A calling code may be missing on either side: the last nine digits tell numbers apart.
    """
    digits = phone_digits(written)
    return f"tel{digits[-_TELLING:][::-1]}" if digits else ""


_TELLING = 9
