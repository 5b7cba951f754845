"""Who stays when too many come."""

from __future__ import annotations

from app.web.places import MOST, MOST_EACH, Places


class Stream:
    def __init__(self) -> None:
        self.gone = False

    def closed(self) -> bool:
        return self.gone

    def close(self) -> None:
        self.gone = True


def crowd(places: Places, count: int, address: str) -> list[Stream]:
    streams = [Stream() for _ in range(count)]
    for stream in streams:
        places.admit(stream, address)
    return streams


def test_one_address_has_a_share_and_loses_its_oldest() -> None:
    places = Places(MOST, MOST_EACH)
    streams = crowd(places, MOST_EACH + 10, "10.0.0.1")
    assert [stream.gone for stream in streams] == [True] * 10 + [False] * MOST_EACH


def test_the_known_stay_and_the_new_get_in_whatever_a_crowd_does() -> None:
    places = Places(MOST, MOST_EACH)
    (viewer,) = crowd(places, 1, "10.0.0.1")
    places.know(viewer, "ann")
    for number in range(50):
        crowd(places, 20, f"10.0.1.{number}")
        crowd(places, 20, "10.0.0.1")
    assert not viewer.gone
    (newcomer,) = crowd(places, 1, "192.168.1.10")
    assert not newcomer.gone


def test_those_of_the_same_address_do_not_push_out_who_is_known() -> None:
    places = Places(MOST, MOST_EACH)
    known = crowd(places, MOST_EACH, "10.0.0.1")
    for stream in known:
        places.know(stream, "ann")
    (late,) = crowd(places, 1, "10.0.0.1")
    assert late.gone
    assert not any(stream.gone for stream in known)


def test_a_neighbour_in_the_same_ipv6_network_keeps_nobody_out() -> None:
    places = Places(MOST, MOST_EACH)
    crowd(places, MOST_EACH, "fe80::bad")
    (handshake,) = crowd(places, 1, "fe80::10")
    crowd(places, 2 * MOST_EACH, "fe80::bad")
    assert not handshake.gone
    places.know(handshake, "ann")
    for number in range(3 * MOST_EACH):
        crowd(places, 1, f"fe80::bad:{number:x}")
    assert not handshake.gone
    (late,) = crowd(places, 1, "fe80::10")
    assert not late.gone


def test_strangers_of_an_ipv6_network_share_their_places() -> None:
    places = Places(MOST, MOST_EACH)
    streams = [crowd(places, 1, f"fe80::{number:x}")[0] for number in range(MOST_EACH + 10)]
    assert [stream.gone for stream in streams] == [True] * 10 + [False] * MOST_EACH


def test_places_of_those_who_left_are_free() -> None:
    places = Places(MOST, MOST_EACH)
    for stream in crowd(places, MOST_EACH, "10.0.0.1"):
        stream.close()
    assert not any(stream.gone for stream in crowd(places, MOST_EACH, "10.0.0.1"))


def test_the_sum_is_bounded() -> None:
    places = Places(MOST, MOST_EACH)
    streams = [stream for number in range(300) for stream in crowd(places, 3, f"10.0.{number // 250}.{number % 250}")]
    assert sum(not stream.gone for stream in streams) == MOST


def test_a_connection_that_goes_on_in_another_object_keeps_one_place() -> None:
    places = Places(MOST, MOST_EACH)
    for _ in range(3 * MOST_EACH):
        (stream,) = crowd(places, 1, "10.0.0.1")
        places.know(stream, "ann")
        lane = Stream()
        places.take_over(stream, lane)
        lane.close()
    (late,) = crowd(places, 1, "10.0.0.1")
    assert not late.gone


def test_who_is_known_at_many_addresses_does_not_take_all_places() -> None:
    """A guest with a view link, from everywhere; the last of the crowd are strangers like others."""
    places = Places(MOST, MOST_EACH)
    guests = []
    for number in range(3 * MOST):
        (stream,) = crowd(places, 1, f"10.0.{number % 20}.1")
        places.know(stream, "link 1")
        lane = Stream()
        places.take_over(stream, lane)
        guests.append(lane)
    assert not any(stream.gone for stream in guests[:MOST_EACH])
    assert sum(not stream.gone for stream in guests) == MOST
    (owner,) = crowd(places, 1, "192.168.1.10")
    assert not owner.gone
    places.know(owner, "ann")
    for number in range(MOST):
        places.know(crowd(places, 1, f"10.0.{number % 20}.2")[0], "link 1")
    assert not owner.gone


def test_whose_places_are_free_again_is_known_with_the_next() -> None:
    places = Places(MOST, MOST_EACH)
    known = crowd(places, MOST_EACH - 1, "10.0.0.1") + crowd(places, 2, "10.0.0.2")
    for stream in known:
        places.know(stream, "ann")
    known[0].close()
    places.know(known[-1], "ann")
    for _ in range(3):
        crowd(places, MOST_EACH, "10.0.0.2")
    assert [stream.gone for stream in known] == [True] + [False] * MOST_EACH
