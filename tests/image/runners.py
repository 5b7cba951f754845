"""Holds the Debian image whose stages pi-gen ran against that of our own runner: `python -m tests.image.runners`."""

from __future__ import annotations

import sys
from pathlib import Path

from image.records.tree import differences, parse
from tests.image.twice import same

OURS = Path(__file__).resolve().parents[2] / "dist"
PI_GENS = OURS / "pi-gen"


def main() -> int:
    """Print every difference; 1 if there is one. None is justified: both runners make the same card."""
    lists = [parse((folder / "inkvm-debian.files").read_text()) for folder in (OURS, PI_GENS)]
    differ = differences(*lists)
    for path, what in differ.items():
        print(f"{path}: {what}")
    equal = same(OURS / "inkvm-debian.img.zst", PI_GENS / "inkvm-debian.img.zst")
    print(
        f"{len(lists[0])} paths, {len(differ)} differ; the cards are {'the same' if equal else 'different'} to the bit"
    )
    return 0 if equal and not differ else 1


if __name__ == "__main__":
    sys.exit(main())
