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
    places = Places()
    streams = crowd(places, MOST_EACH + 10, "10.0.0.1")
    assert [stream.gone for stream in streams] == [True] * 10 + [False] * MOST_EACH


def test_the_known_stay_and_the_new_get_in_whatever_a_crowd_does() -> None:
    places = Places()
    (viewer,) = crowd(places, 1, "10.0.0.1")
    places.know(viewer)
    for number in range(50):
        crowd(places, 20, f"10.0.1.{number}")
        crowd(places, 20, "10.0.0.1")
    assert not viewer.gone
    (newcomer,) = crowd(places, 1, "192.168.1.10")
    assert not newcomer.gone


def test_those_of_the_same_address_do_not_push_out_who_is_known() -> None:
    places = Places()
    known = crowd(places, MOST_EACH, "10.0.0.1")
    for stream in known:
        places.know(stream)
    (late,) = crowd(places, 1, "10.0.0.1")
    assert late.gone
    assert not any(stream.gone for stream in known)


def test_places_of_those_who_left_are_free() -> None:
    places = Places()
    for stream in crowd(places, MOST_EACH, "10.0.0.1"):
        stream.close()
    assert not any(stream.gone for stream in crowd(places, MOST_EACH, "10.0.0.1"))


def test_the_sum_is_bounded() -> None:
    places = Places()
    streams = [stream for number in range(300) for stream in crowd(places, 3, f"10.0.{number // 250}.{number % 250}")]
    assert sum(not stream.gone for stream in streams) == MOST


def test_a_connection_that_goes_on_in_another_object_keeps_one_place() -> None:
    places = Places()
    for _ in range(3 * MOST_EACH):
        (stream,) = crowd(places, 1, "10.0.0.1")
        places.know(stream)
        lane = Stream()
        places.take_over(stream, lane)
        lane.close()
    (late,) = crowd(places, 1, "10.0.0.1")
    assert not late.gone
