"""Looks after access while the daemon runs: ends what has expired, renews the certificate, tells the panel how to get in."""

from __future__ import annotations

import asyncio
import ipaddress
import logging

from app.auth.certificates import Certificates
from app.auth.gate import Gate
from app.auth.tls import BadCertificate
from app.bus import Bus
from app.clock import Clock
from app.status import Claim, Network, Trust
from app.writer import Writer

_PERIOD = 1.0
"""Seconds between two looks: what ends by itself is closed within that."""
_RENEWAL = 3600.0
"""Seconds between two looks at the certificate's end."""
_DAY = 86400.0

_log = logging.getLogger(__name__)


class Watch:
    """Publishes `Claim` and `Trust`.

    Args:
        gate, certificates, bus: what it looks after, and whom it tells.
        writer: has the certificate renewed.
        listen: the one address that the server listens on, empty for all.
        clock: the time since the machine's start, and the time of day, which may be set.
        password: a way in to show on the panel of a device that needs no claim, empty for none.
    """

    def __init__(
        self,
        gate: Gate,
        certificates: Certificates,
        bus: Bus,
        writer: Writer,
        *,
        listen: str,
        clock: Clock,
        password: str,
    ) -> None:
        self._gate = gate
        self._certificates = certificates
        self._bus = bus
        self._writer = writer
        self._listen = listen
        self._clock = clock
        self._renewed = clock.uptime()
        self._day = self._time_of_day()
        self._password = password
        self._trouble = ""
        self._claimed = gate.claimed

    async def run(self) -> None:
        """For as long as the daemon runs."""
        while True:
            await self.look()
            await asyncio.sleep(_PERIOD)

    async def look(self) -> None:
        """Once."""
        self._gate.review()
        trouble = self._gate.audit.fault or self._certificates.fault
        try:
            await self._keep_certificate()
        except (OSError, ValueError, BadCertificate) as error:
            trouble = f"the certificate cannot be renewed: {error}"
        if trouble and trouble != self._trouble:
            _log.warning("%s", trouble)
        self._trouble = trouble
        self.tell()

    def tell(self) -> None:
        """How to get in, and what certificate is shown; nothing is looked at for it that the daemon does not know already."""
        if not self._bus.device.trust.fingerprint:
            self._bus.publish(Trust(self._certificates.fingerprint))
        code = self._gate.claim_code
        network = self._bus.device.network
        # A device that knows no address of its own has none to show: nobody's telephone is the device.
        url = address(self._listen, network) if self._listen or network.addresses else ""
        self._bus.publish(Claim(f"{url}#claim={code}" if url and code else url, code or self._password))

    async def _keep_certificate(self) -> None:
        network = self._bus.device.network
        addresses = (*(network.addresses or ()), *([network.name] if network.name else []))
        if self._gate.claimed and not self._claimed:
            self._claimed = True
            await self._writer.durably(self._certificates.ask)  # takes the code's file off the card
        day, self._day = self._day, self._time_of_day()
        due = day != self._day or self._clock.uptime() - self._renewed >= _RENEWAL
        if due or tuple(self._certificates.addresses) != tuple(addresses):
            self._certificates.addresses = addresses
            self._renewed = self._clock.uptime()
            await self._writer.durably(self._certificates.refresh)
        if self._certificates.load():
            self._bus.publish(Trust(self._certificates.fingerprint))

    def _time_of_day(self) -> tuple[bool, int]:
        """Another one whenever the clock was set, to the day: what is due by its certificate's dates may have changed."""
        return self._clock.known, round((self._clock.wall() - self._clock.uptime()) / _DAY)


def address(listen: str, network: Network) -> str:
    """The device's URL: where it listens, or the best of the addresses it has."""
    host = listen or next(iter(network.addresses or ()), "localhost")
    try:
        ip = ipaddress.ip_address(host)
    except ValueError:
        name = host
    else:
        name = f"[{ip.compressed}]" if ip.version == 6 else ip.compressed
    return f"https://{name}/" if network.port == 443 else f"https://{name}:{network.port}/"
