"""What fits where."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epaper.typeface import CELLS
from epaper.typeset import Fit, Text, fit, shorten

TRIES = ((16, 1), (12, 2))


def test_largest_that_fits():
    assert fit("short", (100, 24), TRIES) == Fit(16, ("short",))
    assert fit("x" * 12, (100, 24), TRIES) == Fit(16, ("x" * 12,))
    assert fit("twelve more words", (100, 24), TRIES) == Fit(12, ("twelve more", "words"))


def test_height_limits_lines_and_sizes():
    assert fit("short", (100, 12), TRIES) == Fit(12, ("short",))
    assert fit("twelve more words", (100, 23), TRIES) == Fit(12, ("twelve more wor…",), cut=True)


def test_what_is_cut_is_broken_between_words_all_the_same():
    assert fit("some more words than fit here", (60, 24), TRIES) == Fit(12, ("some more", "words tha…"), cut=True)
    assert fit("x" * 30, (60, 24), TRIES) == Fit(12, ("x" * 10, "x" * 9 + "…"), cut=True)


@pytest.mark.parametrize(
    ("columns", "short"), [(22, "rack-3-north-and-kvm-a"), (21, "rack-3-nor…-and-kvm-a"), (6, "ra…m-a"), (1, "…")]
)
def test_a_name_is_shortened_in_its_middle(columns, short):
    assert shorten("rack-3-north-and-kvm-a", columns) == short


def test_breaks_stay_at_the_end_of_a_line():
    assert fit("192.168.100.200:8443", (130, 40), ((20, 2),), ".:") == Fit(20, ("192.168.100.", "200:8443"))


def test_a_piece_too_long_is_broken_anywhere_before_anything_is_lost():
    assert fit("abcdefghij", (48, 24), ((12, 2),)) == Fit(12, ("abcdefgh", "ij"))


def test_control_characters_cannot_reach_the_glass():
    assert fit("a\nb\x00", (100, 12), TRIES) == Fit(12, ("a?b?",))


def test_empty_text_is_an_empty_line():
    assert "".join(fit("", (100, 20), TRIES).lines) == ""


def test_lines_are_placed_below_each_other():
    assert list(Fit(12, ("a", "b")).at(5, 7, bold=True)) == [Text(5, 7, "a", 12, True), Text(5, 19, "b", 12, True)]
    assert Text(5, 7, "abc", 16).box == (5, 7, 29, 23)


@given(
    st.text(max_size=80),
    st.integers(20, 250),
    st.integers(12, 60),
    st.lists(st.tuples(st.sampled_from(sorted(CELLS)), st.integers(1, 3)), min_size=1),
    st.sampled_from([" ", ".:/-"]),
)
def test_never_leaves_its_room_and_loses_nothing_in_silence(text, wide, high, tries, after):
    result = fit(text, (wide, high), tries, after)
    assert result.height <= high
    assert all(len(line) * CELLS[result.size] <= wide for line in result.lines)
    if not result.cut:
        whole = "".join(c if c.isprintable() else "?" for c in text)
        assert "".join(result.lines).replace(" ", "") == whole.replace(" ", "")
    else:
        assert result.lines[-1].endswith("…")
