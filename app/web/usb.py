"""`/api/usb/profile`: what the target sees on the cable beside keyboard and mice."""

from __future__ import annotations

from typing import Any

from app import cable
from app.gadget import functions
from app.gadget.functions import Profile
from app.gadget.plan import DoesNotFitError, Identity
from app.web import errors
from app.web.guard import Guarded

_ANY = Identity("", None)


class UsbProfile(Guarded):
    """For administrators: a change disconnects the target's keyboard for a moment."""

    role = "admin"

    def get(self) -> None:
        """What there is now, and what could be had."""
        self.answer({**self._now(), "profiles": [_described(profile) for profile in functions.profiles()]})

    async def post(self) -> None:
        """`extras`: the target sees these, and is disconnected for it unless it does so already."""
        extras = self.json().get("extras")
        if not isinstance(extras, list) or not all(isinstance(name, str) for name in extras):
            raise errors.BadRequest(
                f"extras has value {errors.shown(extras)}, expected a list of {', '.join(functions.EXTRAS)}"
            )
        wanted = functions.profile(extras)
        functions.planned(_ANY, wanted)
        before = self.services.switch.now()
        await self.services.writer.durably(self.services.switch.ask, wanted)
        self.note("usb profile asked", extras=list(wanted))
        self.answer({"extras": list(wanted), "disconnects": wanted != before})

    def _now(self) -> dict[str, Any]:
        switch = self.services.switch
        now = switch.now()
        return {"extras": None if now is None else list(now), "refusal": switch.refusal(), "address": cable.ADDRESS}


def _described(profile: Profile) -> dict[str, Any]:
    """One profile, with the reason why it cannot be had if that is so."""
    try:
        functions.planned(_ANY, profile)
    except DoesNotFitError as error:
        return {"extras": list(profile), "fits": False, "reason": str(error)}
    return {"extras": list(profile), "fits": True, "reason": ""}
