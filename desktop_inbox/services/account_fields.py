"""What may be entered for an account: its connector's own fields, each value by its own rules.

Pure; knows no store and no keyring.
"""

from __future__ import annotations

from collections.abc import Mapping

from desktop_inbox import connectors
from desktop_inbox.connectors.contract import ConnectorInfo
from desktop_inbox.connectors.setup import Field, FieldGroup
from desktop_inbox.domain.errors import UserError
from desktop_inbox.i18n import _


def info_of(kind: str) -> ConnectorInfo:
    """Return what is known of a channel.

    Raises:
        UserError: "kind-unknown".
    """
    for info in connectors.CONNECTORS:
        if info.kind == kind:
            return info
    raise UserError("kind-unknown", kind=kind)


def entered(info: ConnectorInfo, given: Mapping[str, str]) -> dict[str, str]:
    """Return the settings of a new account, checked: every value, and that none is missing.

    Raises:
        UserError: "field-unknown" (kind, name), "field-invalid" (name, value), "field-empty"
            (name).
    """
    fields = _settings_of(info)
    values = {name: _checked(info, fields, name, value) for name, value in given.items()}
    for name, field in fields.items():
        if field.required and not values.get(name):
            raise UserError("field-empty", name=name)
    return values


def changed(
    info: ConnectorInfo, given: Mapping[str, str], *, known: Mapping[str, object]
) -> dict[str, str]:
    """Return those of the given settings that are not as they were; '' goes back to the default.

    Raises:
        UserError: as `entered`; "field-fixed" (name) for what an account is known by.
    """
    fields = _settings_of(info)
    values = {name: _checked(info, fields, name, value) for name, value in given.items()}
    news = {name: value for name, value in values.items() if value != shown(fields[name], known)}
    for name in news:
        if fields[name].fixed:
            raise UserError("field-fixed", name=name)
    return news


def shown(field: Field, known: Mapping[str, object]) -> str:
    """Return what a field holds, its default where nothing was entered."""
    value = known.get(field.name)
    if value is None or value == "":
        return _(field.default) if field.worded else field.default
    return str(value).strip()


def decide_connection(info: ConnectorInfo, names: Mapping[str, object]) -> bool:
    """Tell whether one of these settings decides if there is a connection."""
    fields = _settings_of(info)
    return any(fields[name].group is FieldGroup.CONNECTION for name in names if name in fields)


def _settings_of(info: ConnectorInfo) -> dict[str, Field]:
    return {field.name: field for field in info.fields if not field.secret}


def _checked(info: ConnectorInfo, fields: Mapping[str, Field], name: str, value: str) -> str:
    field = fields.get(name)
    if field is None:
        raise UserError("field-unknown", kind=info.kind, name=name)
    value = value.strip()
    if field.required and not value:
        raise UserError("field-empty", name=name)
    if not field.takes(value):
        raise UserError("field-invalid", name=name, value=value)
    return value
