"""Things that take long to make, kept under build/ by the content of what they are made from."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

KEPT = Path(__file__).parents[2] / "build" / "kernel"


def artefact(name: str, inputs: Iterable[bytes], make: Callable[[Path], None]) -> Path:
    """The folder `name-HASH`, made by `make(folder)` unless the same inputs have made it before.

    Older folders of the same name go away. An interrupted `make` leaves nothing that would be taken for finished.
    """
    digest = hashlib.sha256()
    for part in inputs:
        digest.update(len(part).to_bytes(8, "big") + part)
    wanted = KEPT / f"{name}-{digest.hexdigest()[:16]}"
    if wanted.is_dir():
        return wanted
    KEPT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f"making-{name}-", dir=KEPT) as unfinished:
        result = Path(unfinished) / "result"
        result.mkdir()
        make(result)
        for old in KEPT.glob(f"{name}-*"):
            shutil.rmtree(old)
        result.rename(wanted)
    return wanted
