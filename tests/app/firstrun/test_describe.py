"""What is made from the table of keys is current, and true."""

from __future__ import annotations

import re
from functools import partial

import pytest

from app.chance import Chance
from app.firstrun import files, formats, schema
from app.firstrun.customisation import Refused
from app.firstrun.formats import World
from app.firstrun.run import _hashed
from tests.app.firstrun import describe
from tests.app.firstrun.bench import KEY, WORLD

UNCOMMENTED = re.sub(r"(?m)^#(?! )", "", describe.sample())
PASSWORD = "correct horse battery"


def test_the_sample_on_the_card_is_current() -> None:
    assert describe.SAMPLE.read_text("utf-8") == describe.sample()


def test_the_documentation_is_current() -> None:
    text = describe.DOCS.read_text("utf-8")
    assert describe.documented(text) == text


def test_the_sample_asks_for_nothing() -> None:
    read = formats.read("inkvm.toml", describe.sample().encode(), WORLD)
    assert (read.wanted, read.warnings) == (WORLD.before, ())


def test_every_example_of_the_sample_is_accepted() -> None:
    read = formats.read("inkvm.toml", UNCOMMENTED.replace('"..."', f'"{PASSWORD}"').encode(), WORLD)
    assert read.warnings == ()
    assert read.wanted.keys == (KEY,)
    assert len(read.wanted.settings) == len(schema.SETTINGS)


def test_nobody_gets_a_password_from_the_sample() -> None:
    world = World(WORLD.before, WORLD.is_zone, partial(_hashed, Chance()))
    with pytest.raises(Refused, match="key 'wifi.password'"):
        formats.read("inkvm.toml", UNCOMMENTED.encode(), world)
    with pytest.raises(Refused, match="key 'user.password'"):
        formats.read("inkvm.toml", UNCOMMENTED.partition("[[wifi]]")[0].encode(), world)


def test_every_key_has_a_word_about_it_and_stands_in_both() -> None:
    text = describe.DOCS.read_text("utf-8")
    for row in schema.ROWS:
        assert row.key.about, row.key.name
        assert all(f"`{name}`" in text for file in files.FORMATS if (name := row.name_in(file)))
        if row.own:
            assert f"#{row.key.name.partition('.')[2]} = {row.example}\n" in describe.sample()


def test_every_file_that_is_not_understood_is_documented() -> None:
    text = describe.DOCS.read_text("utf-8")
    assert all(f"`{name}`" in text for name in files.NOT_UNDERSTOOD if name not in {"userconf", "ssh.txt"})
