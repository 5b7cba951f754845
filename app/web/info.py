"""What the device is and does."""

from __future__ import annotations

from app.status import to_dict
from app.web.guard import Guarded


class Info(Guarded):
    """`GET /api/info`."""

    def get(self) -> None:
        """Version, user and the whole public status."""
        device = self.services.bus.device.public()
        self.answer({"version": device.health.version, "user": self.session.user, "state": to_dict(device)})
