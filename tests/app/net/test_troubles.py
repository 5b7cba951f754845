from __future__ import annotations

from dataclasses import replace

import pytest

from app.net.observed import GETTING_ADDRESS, NEEDS_SECRETS, Link, Observed, Profile
from app.net.troubles import Troubles
from tests.app.net.air import CABLE, WLAN, heard, joined, known, seen, trying

HOME, SHOP = known("home"), known("shop", -1)
PLUGGED = replace(CABLE, state=GETTING_ADDRESS)


def after(seconds: float, observed: Observed, troubles: Troubles | None = None) -> str:
    """The words when this has been so for some seconds."""
    troubles = troubles or Troubles()
    troubles.reason(observed, 100.0)
    return troubles.reason(observed, 100.0 + seconds)


def failed(reason: int, profile: Profile = HOME) -> Troubles:
    troubles = Troubles()
    troubles.failed(profile.path, reason)
    return troubles


@pytest.mark.parametrize(
    ("observed", "words"),
    [
        (seen(links=()), "no network cable and no Wi-Fi radio"),
        (seen(links=(CABLE,)), "no network cable"),
        (seen(links=(PLUGGED,)), "no address: eth0 gives none"),
        (seen(links=(WLAN, PLUGGED)), "no address: eth0 gives none"),
        (seen(links=(WLAN, PLUGGED), profiles=(HOME,)), "home not found on 2.4 GHz, this radio's only band"),
        (replace(seen(links=(WLAN, PLUGGED)), radio=False), "no address: eth0 gives none"),
        (replace(seen(), radio=False), "Wi-Fi is switched off"),
        (seen(heard("home")), "no Wi-Fi network is set up"),
        (seen(profiles=(HOME,)), "home not found on 2.4 GHz, this radio's only band"),
        (seen(links=(replace(WLAN, wide=True),), profiles=(HOME,)), "home not found"),
        (seen(heard("home", "sae"), profiles=(HOME,)), "home is WPA3 only, which this radio cannot join"),
        (seen(heard("home", "wpa", 5180), profiles=(HOME,)), "home is on 5 GHz only, which this radio cannot join"),
        (seen(heard("home", "sae"), heard("home"), profiles=(HOME,)), "joining home"),
        (seen(heard("home", "wpa", 5180), heard("home"), profiles=(HOME,)), "joining home"),
        (seen(heard("home"), links=(replace(WLAN, state=20),), profiles=(HOME,)), "the Wi-Fi radio is not ready"),
        (seen(heard("home"), links=(trying(HOME, GETTING_ADDRESS),), profiles=(HOME,)), "no address: home gives none"),
        (seen(heard("shop"), profiles=(HOME, SHOP)), "joining shop"),
        (seen(profiles=(SHOP, HOME)), "home not found on 2.4 GHz, this radio's only band"),
    ],
)
def test_each_obstacle_has_words_of_its_own(observed: Observed, words: str) -> None:
    assert after(30, observed) == words


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        (7, "wrong password for home"),
        (5, "no address: home gives none"),
        (17, "no address: home gives none"),
        (8, "home refuses the device"),
        (53, "home not found on 2.4 GHz, this radio's only band"),
        (11, "home refuses the device"),
        (1, "home cannot be joined, why is not known"),
    ],
)
def test_a_failure_is_remembered_by_its_reason(reason: int, words: str) -> None:
    assert after(1, seen(heard("home"), profiles=(HOME,)), failed(reason)) == words


def test_a_wrong_password_is_still_said_while_it_is_tried_again() -> None:
    again = seen(heard("home"), links=(trying(HOME, NEEDS_SECRETS),), profiles=(HOME,))
    assert after(1, again, failed(7)) == "wrong password for home"


def test_a_network_that_has_gone_is_not_found_whatever_was_wrong_with_it() -> None:
    assert after(30, seen(profiles=(HOME,)), failed(7)).startswith("home not found")


def test_what_was_wrong_is_over_when_the_network_is_joined() -> None:
    troubles = failed(7)
    assert after(0, seen(heard("home"), links=(joined(HOME, "192.0.2.9/24"),), profiles=(HOME,)), troubles) == ""
    assert after(0, seen(heard("home"), profiles=(HOME,)), troubles) == "joining home"


def test_what_is_missing_is_given_time() -> None:
    silent, asking = seen(profiles=(HOME,)), seen(links=(trying(HOME, GETTING_ADDRESS),), profiles=(HOME,))
    assert after(9, silent) == "looking for home"
    assert after(19, asking) == "asking home for an address"
    assert after(19, seen(links=(PLUGGED,))) == "asking eth0 for an address"


def test_a_cable_that_was_plugged_in_again_is_given_time_again() -> None:
    troubles = Troubles()
    after(30, seen(links=(PLUGGED,)), troubles)
    assert troubles.reason(seen(links=(CABLE,)), 140.0) == "no network cable"
    assert troubles.reason(seen(links=(PLUGGED,)), 141.0) == "asking eth0 for an address"


def test_time_counts_anew_when_it_was_there_in_between() -> None:
    troubles = Troubles()
    troubles.reason(seen(profiles=(HOME,)), 0.0)
    troubles.reason(seen(heard("home"), profiles=(HOME,)), 9.0)
    assert troubles.reason(seen(profiles=(HOME,)), 12.0) == "looking for home"


def test_a_hidden_network_is_missing_only_when_it_was_called_in_vain() -> None:
    hidden = known("home", hidden=True)
    assert after(30, seen(profiles=(hidden,))) == "joining home"
    assert after(30, seen(profiles=(hidden,)), failed(53, hidden)).startswith("home not found")
    assert after(30, seen(profiles=(hidden,)), failed(7, hidden)) == "wrong password for home"


@pytest.mark.parametrize(
    "link", [joined(HOME, "192.0.2.9/24"), replace(CABLE, state=100, addresses=("192.0.2.9/24",), gateway=True)]
)
def test_one_way_out_is_enough(link: Link) -> None:
    assert after(60, seen(links=(WLAN, link) if not link.wifi else (link,), profiles=(HOME,)), failed(7)) == ""


def test_an_address_without_a_gateway_is_said() -> None:
    link = joined(HOME, "192.0.2.9/24", gateway=False)
    assert after(0, seen(links=(link,), profiles=(HOME,))) == "no gateway on wlan0"


def test_the_network_of_an_attempt_is_the_one_that_is_explained() -> None:
    troubles = failed(7, SHOP)
    observed = seen(heard("home"), heard("shop"), profiles=(HOME, SHOP))
    troubles.reason(observed, 0.0)
    assert troubles.has_failed(SHOP.path)
    assert not troubles.has_failed(HOME.path)
    assert troubles.why(SHOP.path, observed, 1.0) == "wrong password for shop"
    assert troubles.why(HOME.path, observed, 1.0) == "home cannot be joined, why is not known"
    assert troubles.why("/settings/gone", observed, 1.0) == "the network is not known any more"


def test_a_network_that_refused_is_tried_again_every_half_minute_while_it_is_heard() -> None:
    troubles = failed(7)
    observed = seen(heard("home"), profiles=(HOME,))
    assert [troubles.retry(observed, at) for at in (0.0, 29.9, 30.0, 59.9, 60.0)] == ["", "", HOME.path, "", HOME.path]
    assert troubles.retry(seen(profiles=(HOME,)), 200.0) == ""
    assert troubles.retry(seen(heard("home"), links=(trying(HOME, 50),), profiles=(HOME,)), 300.0) == ""
    assert troubles.retry(observed, 301.0) == ""


def test_what_has_not_failed_is_left_to_networkmanager() -> None:
    troubles = Troubles()
    observed = seen(heard("home"), profiles=(HOME,))
    assert [troubles.retry(observed, at) for at in (0.0, 100.0)] == ["", ""]


def test_the_preferred_one_of_those_that_refused_is_first_and_a_hidden_one_need_not_be_heard() -> None:
    hidden = known("vault", 5, hidden=True)
    troubles = failed(7)
    troubles.failed(hidden.path, 7)
    observed = seen(heard("home"), profiles=(HOME, hidden))
    assert [troubles.retry(observed, at) for at in (0.0, 30.0)] == ["", hidden.path]


def test_those_that_refused_take_turns() -> None:
    third = known("barn", -2)
    troubles = failed(7)
    for profile in (SHOP, third):
        troubles.failed(profile.path, 5)
    observed = seen(heard("home"), heard("shop"), heard("barn"), profiles=(HOME, SHOP, third))
    turns = [troubles.retry(observed, at * 30.0) for at in range(6)]
    assert turns == ["", HOME.path, SHOP.path, third.path, HOME.path, SHOP.path]


def test_a_password_that_was_taken_was_not_wrong() -> None:
    troubles = failed(7)
    after(1, seen(heard("home"), links=(trying(HOME, 80),), profiles=(HOME,)), troubles)
    assert not troubles.has_failed(HOME.path)
    troubles = failed(5)
    after(1, seen(heard("home"), links=(trying(HOME, GETTING_ADDRESS),), profiles=(HOME,)), troubles)
    assert troubles.has_failed(HOME.path)


def test_an_access_point_of_its_own_is_no_network() -> None:
    ours = replace(known("inkvm-4f2a"), own=True)
    link = joined(ours, "10.42.0.1/24", gateway=False)
    assert after(0, seen(links=(link,), profiles=(ours,))) == "no Wi-Fi network is set up"


def test_what_was_wrong_is_still_said_while_the_radio_is_an_access_point_and_hears_nothing() -> None:
    ours = replace(known("inkvm-4f2a"), own=True)
    link = joined(ours, "10.42.0.1/24", gateway=False)
    troubles = failed(7)
    assert troubles.reason(seen(heard("home"), profiles=(HOME,)), 100.0) == "wrong password for home"
    assert after(60, seen(links=(link,), profiles=(ours, HOME)), troubles) == "wrong password for home"
    assert troubles.reason(seen(profiles=(HOME,)), 200.0) == "looking for home", "it has just begun to listen again"
    assert troubles.reason(seen(profiles=(HOME,)), 210.0).startswith("home not found")


def test_an_address_that_came_late_did_come() -> None:
    troubles = failed(5)
    after(0, seen(links=(joined(HOME, "192.0.2.9/24"),), profiles=(HOME,)), troubles)
    assert not troubles.has_failed(HOME.path)
