"""The bill of materials: what a frozen program is made of, in the form of CycloneDX 1.6.

Made of what `third_party` found in the very files that are handed out. Standard library only.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from project import Project

if TYPE_CHECKING:
    from third_party import Component

NAME = "sbom.cdx.json"
# What SPDX calls the licences that parts name by themselves, and other words for those.
_SPDX = frozenset({
    "0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "GPL-3.0-or-later", "ISC",
    "LGPL-2.1-or-later", "LGPL-3.0-only", "MIT", "MPL-2.0", "OFL-1.1", "PSF-2.0", "Unicode-3.0",
})  # fmt: skip
_ALIASES = {
    "2-clause BSD": "BSD-2-Clause",
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache 2.0": "Apache-2.0",
    "Apache License 2.0": "Apache-2.0",
    "Apache License, Version 2.0": "Apache-2.0",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
}


def text(project: Project, components: Iterable[Component]) -> str:
    """Return the document; the same components give the same one."""
    return json.dumps(document(project, components), ensure_ascii=False, indent=1) + "\n"


def document(project: Project, components: Iterable[Component]) -> dict[str, Any]:
    """Return the bill of materials of a program that consists of `components`."""
    parts = {_reference(one): _part(one) for one in components}
    own = f"pkg:generic/{project.name}@{project.version}"
    # Its number follows from what is in it, so that building twice gives the same file.
    number = uuid.uuid5(uuid.NAMESPACE_URL, "\n".join([own, *sorted(parts)]))
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{number}",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": own,
                "name": project.title,
                "version": project.version,
                "description": project.words.summary,
                "licenses": [{"license": {"id": project.licence}}],
                "purl": own,
            },
        },
        "components": [parts[key] for key in sorted(parts)],
        "dependencies": [{"ref": own, "dependsOn": sorted(parts)}],
    }


def _part(one: Component) -> dict[str, Any]:
    part: dict[str, Any] = {
        "type": "library",
        "bom-ref": _reference(one),
        "name": one.name,
        "version": one.version,
        "licenses": [_licence(one.licence)],
    }
    if one.purl:
        part["purl"] = one.purl
    return part


def _reference(one: Component) -> str:
    return one.purl or f"{one.name} {one.version}"


def _licence(said: str) -> dict[str, Any]:
    known = _ALIASES.get(said, said)
    if known in _SPDX:
        return {"license": {"id": known}}
    if " OR " in said or " AND " in said or " WITH " in said:
        return {"expression": said}
    return {"license": {"name": said}}
