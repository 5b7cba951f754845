"""Secrets come from the source that was given, all of them, and no value of theirs is likelier than another."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import app
from app.auth import passwords, totp
from app.auth.accounts import Account
from app.auth.claim import ClaimCode
from app.auth.links import Links
from app.auth.sessions import Sessions
from app.auth.store import Store
from app.auth.tokens import Tokens
from app.auth.verified import Verified
from app.chance import Chance
from app.clock import Clock
from app.net import invitation

ROOT = Path(app.__file__).parent
OTHERS = {"random", "secrets", "os.getrandom", "os.urandom", "uuid.uuid1", "uuid.uuid4"}
"""Where else a module could get it."""


class Known:
    """A source that tells in advance what it gives: 1, 2, 3, ... and over again, but for the one byte that is another."""

    def __init__(self, flipped: int | None = None, mask: int = 0) -> None:
        self.drawn = 0
        self._flipped, self._mask = flipped, mask

    def __call__(self, count: int) -> bytes:
        found = bytes(
            (place + 1) % 200 ^ (self._mask if place == self._flipped else 0)
            for place in range(self.drawn, self.drawn + count)
        )
        self.drawn += count
        return found


def claim(folder: Path, chance: Chance) -> str:
    return ClaimCode(Store(folder / "claim.json"), chance).show()


def session(_folder: Path, chance: Chance) -> str:
    sessions = Sessions(lambda: 0.0, chance)
    token = sessions.open("ann")
    return token + sessions.all()[0].id


def token(folder: Path, chance: Chance) -> str:
    made, secret = Tokens(Store(folder / "tokens.json"), chance).issue("ann", "x", frozenset(["view"]), None)
    return secret + made.id


def link(folder: Path, chance: Chance) -> str:
    made, secret = Links(Store(folder / "links.json"), Clock(None), chance).issue("ann", "x", 1)
    return secret + made.id


def verified(_folder: Path, chance: Chance) -> str:
    """The key, by what it makes of a password."""
    return Verified(lambda: 0.0, chance)._hash(Account("ann", "viewer", ""), "correct horse").hex()


MADE: dict[Callable[[Path, Chance], str], int] = {
    claim: 10,
    session: 32 + 6,
    token: 32 + 6,
    link: 24 + 6,
    verified: 32,
    lambda _folder, chance: passwords.generate(chance): 12,
    lambda _folder, chance: passwords.digest("correct horse", chance): 16,
    lambda _folder, chance: totp.new_secret(chance): 20,
    lambda _folder, chance: "".join(totp.new_recovery_codes(chance)): 80,
    lambda folder, chance: invitation.invitation(folder, "4f2a", chance).passphrase: 12,
}
"""What is made of chance, and how many bytes of it are in there."""


@pytest.mark.parametrize(("make", "size"), MADE.items(), ids=[make.__name__ for make in MADE])
def test_every_bit_of_the_source_is_in_what_is_made_of_it_and_nothing_else(
    tmp_path: Path, make: Callable[[Path, Chance], str], size: int
) -> None:
    """Two devices with one source have one secret; whichever byte is another, the secret is."""
    folders = iter(tmp_path / str(number) for number in range(1000))

    def made(source: Known) -> str:
        folder = next(folders)
        folder.mkdir()
        return make(folder, Chance(source))

    source = Known()
    first = made(source)
    assert source.drawn == size
    assert made(Known()) == first
    others = [made(Known(place, 1)) for place in range(size)]
    assert len({first, *others}) == size + 1


@pytest.mark.parametrize("make", MADE, ids=[make.__name__ for make in MADE])
def test_no_two_are_alike(tmp_path: Path, make: Callable[[Path, Chance], str]) -> None:
    chance, many = Chance(), 20
    for number in range(many):
        (tmp_path / str(number)).mkdir()
    assert len({make(tmp_path / str(number), chance) for number in range(many)}) == many


@pytest.mark.parametrize("alphabet", [passwords.ALPHABET, totp._BASE32, invitation._LETTERS, "ab", "abc", "a"])
def test_no_character_is_likelier_than_another(alphabet: str) -> None:
    """Of all values of a byte as many stand for each, and those that are left over for none."""
    values = (place * 77 % 256 for place in range(256))
    each = 256 // len(alphabet)
    drawn = Chance(lambda count: bytes(next(values) for _ in range(count))).text(alphabet, each * len(alphabet))
    assert Counter(drawn) == dict.fromkeys(alphabet, each)


def test_a_byte_that_is_left_over_is_drawn_again() -> None:
    values = iter([255, 0, 249, 248, 1, 2])
    assert Chance(lambda count: bytes(next(values) for _ in range(count))).text(passwords.ALPHABET, 3) == "234"


def names(tree: ast.AST) -> Iterator[str]:
    """What a module imports, and what it takes from modules."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            yield f"{node.value.id}.{node.attr}"


def test_nobody_else_asks_the_kernel() -> None:
    asking = {
        str(path.relative_to(ROOT))
        for path in ROOT.rglob("*.py")
        if not OTHERS.isdisjoint(names(ast.parse(path.read_text())))
    }
    assert asking == {"chance.py"}
