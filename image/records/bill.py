"""The bill of materials: every package and wheel of the image, as SPDX 2.3 in JSON. Pure, and the same for the same image."""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from image.records.lock import Package


@dataclass(frozen=True)
class Wheel:
    """A Python library as `lock/wheels.txt` pins it."""

    name: str
    version: str
    sha256: str


def wheels(text: str) -> list[Wheel]:
    """Read pip's requirements with hashes, one a line."""
    pins = re.findall(r"(?m)^([\w.-]+)==(\S+) --hash=sha256:([0-9a-f]{64})$", text)
    return [Wheel(*pin) for pin in sorted(pins)]


def bill(
    *,
    name: str,
    version: str,
    epoch: int,
    packages: Iterable[Package],
    installed: Mapping[str, Mapping[str, str]],
    libraries: Iterable[Wheel],
) -> str:
    """The document's text. `installed` is dpkg's status by package name, `epoch` the commit's time in seconds.

    Source of the fields: the SPDX specification 2.3, clauses 6 (document), 7 (packages) and 11 (relationships), and
    the package URL specification's types deb and pypi.
    """
    image = {
        "SPDXID": "SPDXRef-image",
        "name": name,
        "versionInfo": version,
        "primaryPackagePurpose": "OPERATING-SYSTEM",
    }
    parts = [_debian(package, installed.get(package.name, {})) for package in sorted(packages)]
    parts += [_python(wheel) for wheel in libraries]
    contents = [{**_UNKNOWN, **part} for part in [image, *parts]]
    fingerprint = hashlib.sha256(json.dumps([epoch, contents], sort_keys=True).encode()).hexdigest()
    document = {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": f"{name} {version}",
        "documentNamespace": uuid.uuid5(uuid.NAMESPACE_OID, fingerprint).urn,
        "creationInfo": {
            "created": datetime.fromtimestamp(epoch, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "creators": ["Tool: inkvm-image"],
        },
        "packages": contents,
        "relationships": [
            _relationship("SPDXRef-DOCUMENT", "DESCRIBES", "SPDXRef-image"),
            *(_relationship("SPDXRef-image", "CONTAINS", part["SPDXID"]) for part in parts),
        ],
    }
    return json.dumps(document, indent=1, sort_keys=True) + "\n"


_UNKNOWN = {
    "downloadLocation": "NOASSERTION",
    "filesAnalyzed": False,
    "licenseConcluded": "NOASSERTION",
    "licenseDeclared": "NOASSERTION",
    "copyrightText": "NOASSERTION",
}
"""The licences are in each package's own copyright file, which the image leaves out for size."""


def _debian(package: Package, status: Mapping[str, str]) -> dict[str, Any]:
    maintainer = re.fullmatch(r"\s*(.+?)\s*<(\S+)>", status.get("Maintainer", ""))
    source = status.get("Source", package.name)
    return {
        "SPDXID": f"SPDXRef-deb-{_identifier(package.name)}",
        "name": package.name,
        "versionInfo": package.version,
        "supplier": f"Organization: {maintainer[1]} ({maintainer[2]})" if maintainer else "NOASSERTION",
        "sourceInfo": f"built from Debian's source package {source}",
        **_identity(
            f"pkg:deb/debian/{_quoted(package.name)}@{_quoted(package.version)}?arch={package.architecture}",
            package.sha256,
        ),
    }


def _python(wheel: Wheel) -> dict[str, Any]:
    return {
        "SPDXID": f"SPDXRef-wheel-{_identifier(wheel.name)}",
        "name": wheel.name,
        "versionInfo": wheel.version,
        **_identity(f"pkg:pypi/{wheel.name.lower().replace('_', '-')}@{wheel.version}", wheel.sha256),
    }


def _identity(purl: str, sha256: str) -> dict[str, Any]:
    locator = {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": purl}
    return {"checksums": [{"algorithm": "SHA256", "checksumValue": sha256}], "externalRefs": [locator]}


def _relationship(subject: str, kind: str, related: str) -> dict[str, str]:
    return {"spdxElementId": subject, "relationshipType": kind, "relatedSpdxElement": related}


def _identifier(name: str) -> str:
    """An SPDX identifier has letters, digits, dots and dashes; Debian's names have + as well."""
    return name.replace("+", "-plus")


def _quoted(part: str) -> str:
    """Percent-encode what a package URL's name or version may not hold."""
    return "".join(character if re.match(r"[\w.~:-]", character) else f"%{ord(character):02X}" for character in part)
