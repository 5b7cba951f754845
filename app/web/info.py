"""What the device is and does."""

from __future__ import annotations

from app.status import to_dict
from app.web.guard import Guarded


class Info(Guarded):
    """`GET /api/info`."""

    role = "viewer"
    any_scope = True

    def get(self) -> None:
        """Version, user, role and the whole public status."""
        device = self.services.bus.device.public()
        self.answer(
            {
                "version": device.health.version,
                "user": self.grant.user,
                "role": self.grant.role,
                "state": to_dict(device),
            }
        )
