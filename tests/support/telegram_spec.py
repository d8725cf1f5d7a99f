"""Checks requests and answers of Telegram's Bot API against the vendor's description of it.

The description is a list of methods and types, no OpenAPI document: Prism cannot read it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

_FILE = Path(__file__).resolve().parents[3] / "shared" / "specs" / "telegram" / "api.json"

Description = Mapping[str, Mapping[str, Mapping[str, object]]]


def description() -> Description:
    """Return the vendor's description, or skip the test that asks for it."""
    if not _FILE.exists():
        pytest.skip("no description of the Bot API beside this checkout")
    read: Description = json.loads(_FILE.read_bytes())
    return read


def faults_of_request(spec: Description, method: str, params: Mapping[str, object]) -> list[str]:
    """Return what is wrong with a call."""
    told = spec["methods"].get(method)
    if told is None:
        return [f"{method}: no such method"]
    return list(_fields(spec, told, params, method))


def faults_of_result(spec: Description, method: str, result: object) -> list[str]:
    """Return what is wrong with what a method gave."""
    returns = spec["methods"][method]["returns"]
    assert isinstance(returns, list)
    return _any(spec, returns, result, f"{method}()")


def faults_of(spec: Description, kind: str, value: object) -> list[str]:
    """Return what is wrong with a value of one of the types."""
    return _any(spec, [kind], value, kind)


def _fields(
    spec: Description, told: Mapping[str, object], value: Mapping[str, object], where: str
) -> Iterator[str]:
    fields = told.get("fields") or []
    assert isinstance(fields, list)
    known = {field["name"]: field for field in fields}
    for name in value.keys() - known.keys():
        yield f"{where}.{name}: unknown"
    for name, field in known.items():
        if name in value:
            yield from _any(spec, field["types"], value[name], f"{where}.{name}")
        elif field["required"]:
            yield f"{where}.{name}: missing"


def _any(spec: Description, kinds: Sequence[str], value: object, where: str) -> list[str]:
    """Return nothing where a value is of one of the kinds, else what is wrong for the nearest."""
    tried = [list(_one(spec, kind, value, where)) for kind in kinds]
    return min(tried, key=len) if all(tried) else []


def _one(spec: Description, kind: str, value: object, where: str) -> Iterator[str]:
    if kind.startswith("Array of "):
        if not isinstance(value, list):
            yield f"{where}: no list"
            return
        for number, one in enumerate(value):
            yield from _one(spec, kind.removeprefix("Array of "), one, f"{where}[{number}]")
        return
    plain: dict[str, type | tuple[type, ...]] = {
        "Integer": int, "String": str, "Boolean": bool, "True": bool,
        "Float": (int, float), "InputFile": bytes,
    }  # fmt: skip
    if kind in plain:
        if not isinstance(value, plain[kind]) or (kind == "Integer" and isinstance(value, bool)):
            yield f"{where}: {value!r} is no {kind}"
        return
    told = spec["types"][kind]
    subtypes = told.get("subtypes")
    if isinstance(subtypes, list) and subtypes:
        yield from _any(spec, subtypes, value, where)
    elif not isinstance(value, Mapping):
        yield f"{where}: {value!r} is no {kind}"
    else:
        yield from _fields(spec, told, value, where)
