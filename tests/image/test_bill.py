"""The bill of materials, read and judged by the SPDX project's own library."""

from __future__ import annotations

import json
from pathlib import Path

from spdx_tools.spdx.model import Document
from spdx_tools.spdx.parser.parse_anything import parse_file
from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document

from image.records import bill, lock
from tests.image.built import built

REPOSITORY = Path(__file__).resolve().parents[2]
PACKAGES = [
    lock.Package("libstdc++6", "14.2.0-19", "arm64", "a" * 64),
    lock.Package("ncurses-base", "6.5+20250216-2", "all", "b" * 64),
    lock.Package("util-linux", "1:2.41~rc1-1", "arm64", "c" * 64),
]
STATUS = {"libstdc++6": {"Maintainer": "Debian GCC Maintainers <gcc@localhost>", "Source": "gcc-14"}}
WHEELS = f"# comment\nav==19.0.2 --hash=sha256:{'d' * 64}\nlinuxpy==0.25.0 --hash=sha256:{'e' * 64}\n"


def written(epoch: int = 1_754_697_600) -> str:
    """A small image's bill."""
    wheels = bill.wheels(WHEELS)
    return bill.bill(
        name="inkvm-debian", version="1.2", epoch=epoch, packages=PACKAGES, installed=STATUS, libraries=wheels
    )


def judged(path: Path) -> Document:
    """The document, if the library finds no fault with it."""
    document = parse_file(str(path))
    faults = validate_full_spdx_document(document)
    assert [fault.validation_message for fault in faults] == []
    return document


def test_document_is_valid(tmp_path: Path) -> None:
    path = tmp_path / "bill.spdx.json"
    path.write_text(written())
    document = judged(path)
    assert [package.name for package in document.packages] == [
        "inkvm-debian", "libstdc++6", "ncurses-base", "util-linux", "av", "linuxpy",
    ]  # fmt: skip
    assert {package.checksums[0].value for package in document.packages[1:]} == {letter * 64 for letter in "abcde"}
    assert str(document.packages[1].supplier) == "Organization: Debian GCC Maintainers (gcc@localhost)"
    assert [package.external_references[0].locator for package in document.packages[1:]] == [
        "pkg:deb/debian/libstdc%2B%2B6@14.2.0-19?arch=arm64",
        "pkg:deb/debian/ncurses-base@6.5%2B20250216-2?arch=all",
        "pkg:deb/debian/util-linux@1:2.41~rc1-1?arch=arm64",
        "pkg:pypi/av@19.0.2",
        "pkg:pypi/linuxpy@0.25.0",
    ]
    assert str(document.creation_info.created) == "2025-08-09 00:00:00"


def test_every_package_is_in_the_image() -> None:
    relations = json.loads(written())["relationships"]
    contained = [row["relatedSpdxElement"] for row in relations if row["relationshipType"] == "CONTAINS"]
    assert len(contained) == len(set(contained)) == 5


def test_the_same_image_has_the_same_bill_and_another_has_another_name() -> None:
    assert written() == written()
    assert json.loads(written())["documentNamespace"] != json.loads(written(epoch=0))["documentNamespace"]


def test_the_last_build_has_a_valid_one() -> None:
    document = judged(built("spdx.json"))
    packages = lock.packages(built("packages").read_text(), "packages")
    wheels = bill.wheels((REPOSITORY / "image/lock/wheels.txt").read_text())
    assert len(document.packages) == 1 + len(packages) + len(wheels)
    assert len(packages) > 100
    suppliers = {package.name: str(package.supplier) for package in document.packages}
    assert suppliers["systemd"].startswith("Organization: Debian systemd Maintainers")
