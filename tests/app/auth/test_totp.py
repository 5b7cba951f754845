from __future__ import annotations

import base64

import pytest

from app.auth import totp
from app.chance import Chance

RFC = base64.b32encode(b"12345678901234567890").decode()


@pytest.mark.parametrize(
    ("now", "code"),
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (2000000000, "279037")],
)
def test_the_vectors_of_rfc_6238(now: int, code: str) -> None:
    assert totp.code(RFC, now // 30) == code
    assert totp.step_of(RFC, code, now) == now // 30


def test_clocks_may_be_a_period_apart_and_no_more() -> None:
    code = totp.code(RFC, 1000)
    assert totp.step_of(RFC, code, 1000 * 30 - 30) == 1000
    assert totp.step_of(RFC, code, 1000 * 30 + 59) == 1000
    assert totp.step_of(RFC, code, 1000 * 30 + 60) is None
    assert totp.step_of(RFC, code, 1000 * 30 - 31) is None
    assert totp.step_of(RFC, code, 0) is None
    assert totp.step_of(RFC, "é" * 6, 1000 * 30) is None
    assert totp.step_of(RFC, "\ud800", 1000 * 30) is None


def test_secrets_and_recovery_codes_are_fresh() -> None:
    assert len(base64.b32decode(totp.new_secret(Chance()))) == 20
    assert totp.is_secret(totp.new_secret(Chance()))
    assert not totp.is_secret("")
    codes = totp.new_recovery_codes(Chance())
    assert len(set(codes)) == 8
    assert totp.recovery_hash(codes[0]) == totp.recovery_hash(f" {codes[0].upper()[:5]}-{codes[0][5:]} ")
