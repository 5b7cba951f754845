from __future__ import annotations

import re

from app.auth import passwords
from app.auth.passwords import Accounts


def test_a_generated_password_is_readable_and_fresh() -> None:
    made = {passwords.generate() for _ in range(100)}
    assert len(made) == 100
    assert all(re.fullmatch(r"([2-9a-hj-km-np-z]{4}-){2}[2-9a-hj-km-np-z]{4}", each) for each in made)


def test_only_the_password_matches() -> None:
    stored = passwords.digest("correct horse")
    assert passwords.matches("correct horse", stored)
    assert not passwords.matches("correct horse ", stored)
    assert passwords.digest("correct horse") != stored


async def test_user_and_password_belong_together() -> None:
    accounts = Accounts({"ann": passwords.digest("one"), "bob": passwords.digest("two")})
    assert await accounts.check("ann", "one")
    assert not await accounts.check("ann", "two")
    assert not await accounts.check("eve", "one")
    assert not await accounts.check("", "")
