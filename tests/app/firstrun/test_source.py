"""Secrets starred out of a file, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from app.firstrun import source
from app.firstrun.plan import Found, Record, in_force, judge
from tests.app.firstrun.bench import FULL, WORLD

STARS = "*" * 8


def clean(text: str, file: str = "inkvm.toml") -> str:
    return judge(Found(file, text.encode()), WORLD, "").clean.decode()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("password = 'eight ch'", f"password = '{STARS}'"),
        ('password = "eight\\u0020ch"', f'password = "{"*" * 13}"'),
        ('password = """\\\n   eight ch"""', f'password = """{"*" * 13}"""'),
        ("password = '''\neight ch'''", f"password = '''{'*' * 9}'''"),
        ("password = '''eight c''''", f"password = '''{STARS}'''"),
        ('"password" = "é\\"é é"', f'"password" = "{"*" * 9}"'),
        ("password = 'eight ch' # not eight ch, but eight", f"password = '{STARS}' # not {STARS}, but eight"),
        ("password = 'eight#ch'\r\nhidden = true", f"password = '{STARS}'\r\nhidden = true"),
        ("password = 'eight ch'\n[other]\nnumber = nan\nwords = ['eight ch']", f"password = '{STARS}'\n[other]\nnumber = nan\nwords = ['eight ch']"),
        ("password = 'eight ch'\n\"eight ch\" = 1", f"password = '{STARS}'\n\"eight ch\" = 1"),
    ],
)  # fmt: skip
def test_a_password_goes_however_it_is_written(before: str, after: str) -> None:
    assert clean(f"[wifi]\nssid = 'a'\n{before}\n") == f"[wifi]\nssid = 'a'\n{after}\n"


def test_names_that_are_spelt_like_a_password_stay() -> None:
    network = "[[wifi]]\nssid = '{}'\n\"password\" = 'password'\n"
    text = network.format("password") + network.format("other")
    assert clean(text) == text.replace("= 'password'\n", f"= '{STARS}'\n").replace(
        f"ssid = '{STARS}'", "ssid = 'password'"
    )


def test_a_file_full_of_a_password_is_read_but_a_few_times(monkeypatch: pytest.MonkeyPatch) -> None:
    """The board has three minutes for the whole of it."""
    whole, read = 0, source._parsed

    def counted(text: str) -> dict[str, Any]:
        nonlocal whole
        whole += len(text) > 10_000
        return read(text)

    monkeypatch.setattr(source, "_parsed", counted)
    others = "".join(f"k{number} = ['eight ch', \"eight ch\"]\n" for number in range(1000))
    text = f"[other]\n{others}[wifi]\nssid = 'a'\npassword = 'eight ch'\n"
    assert clean(text) == text.replace("password = 'eight ch'", f"password = '{STARS}'")
    assert whole <= 2


def test_a_dotted_name_and_a_table_in_a_line_are_found_as_well() -> None:
    assert clean("wifi = {ssid = 'a', password = 'eight ch'}") == f"wifi = {{ssid = 'a', password = '{STARS}'}}"
    assert clean("wifi.ssid = 'a'\nwifi.password = 'eight ch'") == f"wifi.ssid = 'a'\nwifi.password = '{STARS}'"


def test_a_file_that_was_changed_in_its_password_alone_is_another_one() -> None:
    """Also while the asterisks are not all on the card: as long as before is not the same as before."""
    record = judge(Found("inkvm.toml", FULL.encode()), WORLD, "")
    assert in_force(Found("inkvm.toml", record.original), record)
    assert in_force(Found("inkvm.toml", record.clean), record)
    for text in (FULL.replace("other secret", "other sekret"), record.clean.decode().replace("attic", "cella")):
        assert len(text) == len(FULL)
        assert not in_force(Found("inkvm.toml", text.encode()), record)
    assert not in_force(Found("custom.toml", record.original), record)


def test_once_clean_only_the_clean_file_is_the_one_in_force() -> None:
    made = judge(Found("inkvm.toml", FULL.encode()), WORLD, "")
    record = Record(made.file, made.mark, made.wanted)
    assert in_force(Found("inkvm.toml", made.clean), record)
    assert not in_force(Found("inkvm.toml", made.original), record)


def test_every_value_has_its_place() -> None:
    document = source.document(b"a = 1\n[b]\nc = [2, {d = 3}]\n")
    assert list(source.values(document)) == [(("a",), 1), (("b", "c", 0), 2), (("b", "c", 1, "d"), 3)]
