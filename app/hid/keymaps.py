"""The layouts there are: names and titles as xkeyboard-config lists them, and each turned around when it is first needed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from functools import cached_property, lru_cache
from pathlib import Path

from app.hid.layouts import Layout, Name, NoLayouts, UnknownLayout, invert

RULES = Path("/usr/share/X11/xkb/rules")
_LISTS = ("evdev.xml", "evdev.extras.xml")
_PLACEHOLDER = "custom"
"""Listed for what an administrator may add; xkeyboard-config itself has no such layout."""
_KEPT = 8
"""Layouts in memory, about 200 KB each."""

_PIKVM = {
    "ar": "ara", "bepo": "fr(bepo)", "da": "dk", "de-ch": "ch", "en-gb": "gb", "en-us": "us", "en-us-altgr-intl": "us(altgr-intl)",
    "en-us-colemak": "us(colemak)", "fr-be": "be", "fr-ca": "ca", "fr-ch": "ch(fr)", "ja": "jp", "pt-br": "br", "sl": "si",
    "sv": "se",
}  # fmt: skip
"""PiKVM's names where they differ. Its `et` is left out: here that is Ethiopia's Amharic, and Estonia's is `ee`."""


class Keymaps:
    """Reads files and computes, both on the caller's thread, which is not to be the event loop's.

    Args:
        default: the layout of a text that comes without one.
        rules: where the lists are.
    """

    def __init__(self, default: str, rules: Path = RULES) -> None:
        self.default = default
        self._rules = rules
        self._inverted = lru_cache(_KEPT)(_inverted)

    @cached_property
    def titles(self) -> dict[str, str]:
        """Name to title, such as `de(neo)` to `German (Neo 2)`, sorted by title. Raises NoLayouts."""
        found = {str(name): title for file in _LISTS for name, title in _listed(self._rules / file)}
        return dict(sorted(found.items(), key=lambda each: each[1]))

    def layout(self, name: str) -> Layout:
        """A layout by its own name or PiKVM's: milliseconds when it is new. Raises UnknownLayout, NoLayouts."""
        known = _PIKVM.get(name, name)
        if known not in self.titles:
            raise UnknownLayout(name)
        return self._inverted(known)


def _inverted(name: str) -> Layout:
    from app.hid.xkb import XkbKeymap  # the library is loaded with the first layout somebody wants

    layout, _, variant = name.rstrip(")").partition("(")
    with closing(XkbKeymap(Name(layout, variant))) as keymap:
        return invert(keymap)


def _listed(path: Path) -> Iterator[tuple[Name, str]]:
    from xml.etree import ElementTree  # not needed until somebody pastes

    try:
        registry = ElementTree.parse(path)  # noqa: S314 -- the distribution's own file
    except OSError as error:
        raise NoLayouts(str(error)) from error
    for entry in registry.iterfind("layoutList/layout"):
        layout = entry.findtext("configItem/name", "")
        if layout != _PLACEHOLDER:
            yield Name(layout), entry.findtext("configItem/description", layout)
            for variant in entry.iterfind("variantList/variant/configItem"):
                yield Name(layout, variant.findtext("name", "")), variant.findtext("description", layout)
