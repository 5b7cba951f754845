"""Who may have a shell, as the files that sshd reads. Pure."""

from __future__ import annotations

from collections.abc import Sequence


def authorized_keys(keys: Sequence[str]) -> str:
    """One line for each key."""
    return "".join(f"{key}\n" for key in keys)


def accounts(passwd: str, name: str) -> str:
    """The system's accounts with one more name for root.

    Nothing on the device makes one user another, and who has a shell may do everything: so the name that the owner knows is
    root's second one, which opens nothing that root's would not. A name that the system uses itself stays what it is.
    """
    lines = passwd.splitlines()
    taken = {line.partition(":")[0] for line in lines}
    home, shell = next((line.split(":")[5:7] for line in lines if line.startswith("root:")), ["/root", "/bin/sh"])
    if name and name not in taken:
        lines.append(f"{name}:*:0:0:inkvm administrator:{home}:{shell}")
    return "".join(f"{line}\n" for line in lines)
