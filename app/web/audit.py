"""`/api/audit`: who did what."""

from __future__ import annotations

import asyncio

from app.web.guard import Guarded


class AuditLog(Guarded):
    """For administrators."""

    role = "admin"

    async def get(self) -> None:
        """The entries, the newest first."""
        entries = await asyncio.wrap_future(self.services.gate.audit.entries())
        self.answer(entries)
