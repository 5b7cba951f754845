"""The simulated appliance that notes each frame of its hub: a line `published SEQUENCE`, and `sent SEQUENCE` for its first viewer."""

from __future__ import annotations

import sys
from pathlib import Path

from app import __main__ as appliance
from app.stream.hub import Hub
from app.stream.viewer import Viewer
from app.stream.wire import AccessUnit, Message

_NOTES = Path("frames")


def main() -> int:
    """As the appliance's own."""
    with _NOTES.open("w", buffering=1) as notes:
        publish, take = Hub.publish, Viewer.take

        def published(hub: Hub, *units: AccessUnit) -> None:
            for unit in units:
                print("published", unit.sequence, file=notes)
            publish(hub, *units)

        def taken(viewer: Viewer, now: int) -> Message | None:
            message = take(viewer, now)
            if message is not None and viewer.number == 1:
                print("sent", message.sequence, file=notes)
            return message

        Hub.publish, Viewer.take = published, taken  # type: ignore[method-assign]
        return appliance.main()


if __name__ == "__main__":
    sys.exit(main())
