"""What sshd reads."""

from __future__ import annotations

from app.firstrun import shell
from tests.app.firstrun.bench import KEY, PASSWD


def test_the_owner_s_name_is_a_second_one_of_root_s() -> None:
    assert shell.accounts(PASSWD, "ann") == f"{PASSWD}ann:*:0:0:inkvm administrator:/root:/bin/bash\n"


def test_names_of_the_system_stay_what_they_are() -> None:
    for name in ("root", "sshd", ""):
        assert shell.accounts(PASSWD, name) == PASSWD


def test_a_line_for_each_key() -> None:
    assert shell.authorized_keys([KEY, f"{KEY}2"]) == f"{KEY}\n{KEY}2\n"
    assert shell.authorized_keys([]) == ""
