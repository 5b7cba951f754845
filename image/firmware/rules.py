"""What this device cannot do without, and what would break it: config.txt, cmdline.txt and autoboot.txt against the facts. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from image.firmware import wiring
from image.firmware.config import Config, Finding
from image.firmware.facts import Facts

MEMORY = range(64, 385)
"""Megabytes for the video processor. 64 is the firmware's default for 512 MB; 16 selects a firmware without codecs, and what
lies between is not documented. 384 is the most that the documentation recommends for 512 MB (memory.adoc)."""

OPTIONS = {
    "arm_64bit": ("1", "the kernel is a 64-bit one"),
    "start_x": ("1", "it selects the firmware that has the H.264 encoder"),
    "camera_auto_detect": ("0", "the bridge is no camera that detection knows"),
}
OVERLAYS = {
    "tc358743": "it is the HDMI input",
    "dwc2": "without it there is no keyboard",
}
COMMAND = {
    "ro": "power may vanish at any time",
    "rootwait": "the card may be slower than the kernel",
}


def check_config(config: Config, wires: Mapping[str, int], facts: Facts) -> list[Finding]:
    """Everything in config.txt that is refused, in the order of its lines. `wires`: what is on the header, by name."""
    bad_lines = list(wiring.bad_lines(config, facts))
    found = [
        *config.findings,
        *_options(config),
        *_memory(config),
        *_overlays(config),
        *_contiguous(config, facts),
        *(bad_lines or wiring.clashes(config, wires, facts)),
    ]
    return sorted(found, key=lambda finding: finding.line)


def check_shipped(config: Config, shipped: Mapping[str, frozenset[str]]) -> list[Finding]:
    """Everything in config.txt that the overlays beside it do not know. `shipped`: each one's name and parameters."""
    found = []
    for overlay in config.overlays:
        if overlay.name not in shipped:
            found.append(Finding(f"overlay {overlay.name!r} is not among those that are shipped", overlay.line))
            continue
        for name in overlay.params.keys() - shipped[overlay.name]:
            found.append(
                Finding(f"parameter {name!r} is none that the shipped overlay {overlay.name!r} takes", overlay.line)
            )
    return found


def check_command_line(text: str, config: Config) -> list[Finding]:
    """Everything in cmdline.txt that is refused."""
    words = text.split()
    if len(text.strip().splitlines()) != 1:
        return [Finding(f"has {len(text.splitlines())} lines, expected one: the firmware reads the first")]
    found = [Finding(f"lacks {word!r}: {why}") for word, why in COMMAND.items() if word not in words]
    if not any(word.startswith("root=PARTUUID=") for word in words):
        found.append(Finding("lacks 'root=PARTUUID=': a slot's root is named by the card's id, not by a device"))
    if any(word.startswith("cma=") for word in words):
        found.append(Finding("has 'cma=', expected it in config.txt alone: here it would also rename the heap"))
    serial = any(word.startswith("console=serial0") for word in words)
    if serial and not ("enable_uart" in config.options and config.options["enable_uart"].on):
        found.append(Finding("has 'console=serial0', expected 'enable_uart=1' in config.txt with it"))
    return found


def check_autoboot(text: str, facts: Facts) -> list[Finding]:
    """Everything in autoboot.txt that is refused."""
    found = []
    if len(text.encode()) > facts.autoboot_bytes:
        found.append(Finding(f"has {len(text.encode())} bytes, expected at most {facts.autoboot_bytes}"))
    for number, line in enumerate(text.splitlines(), 1):
        key = line.partition("=")[0]
        known = line[1:-1] in facts.autoboot_filters if line.startswith("[") else key in facts.autoboot_options
        if line and not line.startswith("#") and not known:
            accepted = [*sorted(facts.autoboot_options), *(f"[{name}]" for name in sorted(facts.autoboot_filters))]
            found.append(Finding(f"{line!r} is not known, expected one of {', '.join(accepted)}", number))
    return found


def _options(config: Config) -> Iterator[Finding]:
    for name, (wanted, why) in OPTIONS.items():
        if name not in config.options:
            yield Finding(f"lacks '{name}={wanted}': {why}")
        elif config.options[name].value != wanted:
            setting = config.options[name]
            yield Finding(f"option {name!r} has value {setting.value!r}, expected {wanted}: {why}", setting.line)
    if "spi" not in config.base:
        yield Finding("lacks 'dtparam=spi=on': it is the panel's")
    elif not config.base["spi"].on:
        yield Finding("parameter 'spi' is off, expected on: it is the panel's", config.base["spi"].line)


def _memory(config: Config) -> Iterator[Finding]:
    """`gpu_mem_512` is this board's own and outranks `gpu_mem` (memory.adoc)."""
    name = next((name for name in ("gpu_mem_512", "gpu_mem") if name in config.options), None)
    if name is None:
        return
    setting = config.options[name]
    if not setting.value.isdecimal() or int(setting.value) not in MEMORY:
        yield Finding(
            f"option {name!r} has value {setting.value!r}, expected {MEMORY[0]} to {MEMORY[-1]} (MB): less may select a "
            "firmware without the H.264 encoder, more leaves Linux too little",
            setting.line,
        )


def _overlays(config: Config) -> Iterator[Finding]:
    loaded = {overlay.name: overlay for overlay in config.overlays}
    for name, why in OVERLAYS.items():
        if name not in loaded:
            yield Finding(f"lacks 'dtoverlay={name}': {why}")
    usb, bridge = loaded.get("dwc2"), loaded.get("tc358743")
    if usb is not None and usb.params.get("dr_mode") != "peripheral":
        mode = usb.params.get("dr_mode")
        yield Finding(f"overlay 'dwc2' has dr_mode {mode!r}, expected 'peripheral': the port is a device", usb.line)
    if bridge is not None and bridge.params.keys() & {"media-controller", "4lane", "cam0"}:
        found = ", ".join(sorted(bridge.params.keys() & {"media-controller", "4lane", "cam0"}))
        yield Finding(
            f"overlay 'tc358743' has {found}, expected neither: the connector has two lanes, and EDID and timings are "
            "set on the video node",
            bridge.line,
        )


def _contiguous(config: Config, facts: Facts) -> Iterator[Finding]:
    sources = [overlay for overlay in config.overlays if facts.overlays[overlay.name].cma]
    for overlay in sources[1:]:
        yield Finding(
            f"overlay {overlay.name!r} sizes contiguous memory (CMA), as {sources[0].name!r} in line {sources[0].line} "
            "does; expected one of the two",
            overlay.line,
        )
