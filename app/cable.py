"""What everybody has to agree on about the network on the cable to the target."""

from __future__ import annotations

from typing import Final

ADDRESS: Final = "10.213.47.1"
"""The device's own there, in a network of eight that nobody is likely to have as well; NetworkManager's connection `target`, the
DHCP server's configuration and its unit name it, too. It leads nowhere from anywhere else."""

INTERFACE: Final = "target"
"""The device's end, which udev's rules name so; NetworkManager's configuration and the firewall name it, too."""
