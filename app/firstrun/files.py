"""The files on the card's first partition: those that are read, and those that people expect to be."""

INKVM, PRESEED, IMAGER = "inkvm.toml", "rpi-preseed.toml", "custom.toml"
FORMATS = (INKVM, PRESEED, IMAGER)
"""The names of the files, in the order in which they are looked for."""
SAMPLE = "inkvm-sample.toml"
MOST = 65536
"""Bytes of a file; one that is larger is refused unread."""

NOT_UNDERSTOOD = {
    "firstrun.sh": "a script of Raspberry Pi Imager",
    "user-data": "cloud-init",
    "network-config": "cloud-init",
    "userconf.txt": "an old way to make a user",
    "userconf": "an old way to make a user",
    "wpa_supplicant.conf": "an old way to set Wi-Fi",
    "ssh": "an old way to ask for a shell",
    "ssh.txt": "an old way to ask for a shell",
    "inkvm.toml.txt": "inkvm.toml with one ending too many",
}
"""Files that people expect to work, and what they are."""
