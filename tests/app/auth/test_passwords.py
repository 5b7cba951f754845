from __future__ import annotations

import asyncio
import os
import re
import subprocess
import threading
import time

import pytest

from app.auth import crypt3, passwords
from app.auth.errors import NotAcceptable
from app.auth.hasher import Hasher
from app.chance import Chance


def test_a_generated_password_is_readable_and_fresh() -> None:
    made = {passwords.generate(Chance()) for _ in range(100)}
    assert len(made) == 100
    assert all(re.fullmatch(r"([2-9a-hj-km-np-z]{4}-){2}[2-9a-hj-km-np-z]{4}", each) for each in made)


def test_only_the_password_matches() -> None:
    stored = passwords.digest("correct horse", Chance())
    assert passwords.matches("correct horse", stored)
    assert not passwords.matches("correct horse ", stored)
    assert passwords.digest("correct horse", Chance()) != stored
    assert passwords.is_hash(stored)
    assert not passwords.is_old(stored)


def test_scrypt_takes_16_mebibytes() -> None:
    """128 * r * N bytes (RFC 7914): the same digest from parameters spelled out here."""
    import hashlib

    method, salt, digest = passwords.digest("correct horse", Chance()).split(":")
    expected = hashlib.scrypt(b"correct horse", salt=bytes.fromhex(salt), n=16384, r=8, p=1, maxmem=1 << 26)
    assert (method, digest) == ("scrypt", expected.hex())
    assert 128 * 8 * 16384 == 16 << 20


@pytest.mark.parametrize("method", ["-5", "-6"])
def test_a_hash_of_the_customisation_file_is_checked_by_libcrypt(method: str) -> None:
    """Made by OpenSSL, as Raspberry Pi Imager's own is made by code that is not libcrypt."""
    made = subprocess.run(["openssl", "passwd", method, "raspberry pie"], check=True, capture_output=True, text=True)
    stored = made.stdout.strip()
    assert passwords.is_hash(stored)
    assert passwords.is_old(stored)
    assert passwords.matches("raspberry pie", stored)
    assert not passwords.matches("raspberry pi", stored)
    assert not passwords.matches("raspberry pie\0", stored)


KNOWN = "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1"
"""SHA-crypt's own first test vector: the password is `Hello world!`."""


def test_shacrypts_own_vector() -> None:
    assert crypt3.matches("Hello world!", KNOWN)
    for wrong in ("Hello world", "\ud800", "\0"):
        assert not crypt3.matches(wrong, KNOWN)


@pytest.mark.parametrize(
    "stored", ["", "*", "!", "x", "abJnggxhB/yWI", "$1$x$y", "scrypt:", "scrypt:00:00", "scrypt:zz:zz"]
)
def test_what_is_no_strong_hash_lets_nobody_in(stored: str) -> None:
    assert not passwords.is_hash(stored)
    if not stored.startswith("scrypt:"):
        assert not passwords.matches("", stored)
        assert not passwords.matches("x", stored)


@pytest.mark.parametrize(
    "password", ["short", "ninechars", "", None, 1234567890, "1234567890", "Password123", "aaaaaaaaaaaa", "adminadmin",
                 "admin123456", "line\nfeed more", "x" * 257],
)  # fmt: skip
def test_a_poor_new_password_is_refused_without_repeating_it(password: object) -> None:
    with pytest.raises(NotAcceptable) as caught:
        passwords.acceptable(password, "admin")
    assert not password or str(password) not in str(caught.value)


def test_a_good_new_password_is_taken_as_it_is() -> None:
    assert passwords.acceptable("tenletters", "ann") == "tenletters"
    assert passwords.acceptable("pass phräse with ünicode", "ann") == "pass phräse with ünicode"


async def test_hashing_is_one_at_a_time_and_steps_back() -> None:
    hasher = Hasher(Chance())
    running: list[str] = []
    nice: list[int] = []

    def work(name: str) -> None:
        assert running == []
        running.append(name)
        nice.append(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))
        time.sleep(0)
        running.remove(name)

    await asyncio.gather(*(hasher._run(work, str(number)) for number in range(20)))
    assert set(nice) == {10 + os.getpriority(os.PRIO_PROCESS, 0)} or set(nice) == {10}
    hasher.close()


async def test_an_unknown_user_takes_the_same_work_and_never_matches() -> None:
    hasher = Hasher(Chance())
    assert not await hasher.matches("", None)
    assert await hasher.matches("correct horse", passwords.digest("correct horse", Chance()))
    hasher.close()
