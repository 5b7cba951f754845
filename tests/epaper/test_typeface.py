"""The bitmaps of the font's own tables, against FreeType's reading of the same file."""

from __future__ import annotations

import pytest
from PIL import Image, ImageDraw, ImageFont

from epaper.typeface import CELLS, TERMINUS, FontMissing, Terminus

SOME = "".join(map(chr, range(0x21, 0x7F))) + "ÄÖÜßéñ×°…–λЖ"  # noqa: RUF001


@pytest.fixture(scope="module")
def terminus() -> Terminus:
    return Terminus()


@pytest.mark.parametrize("bold", [False, True])
@pytest.mark.parametrize("size", CELLS)
def test_every_character_is_what_freetype_draws(terminus, size, bold):
    path = TERMINUS / f"terminus-{'bold' if bold else 'normal'}.otb"
    font = ImageFont.truetype(str(path), size, layout_engine=ImageFont.Layout.BASIC)
    for character in SOME:
        expected = Image.new("1", (CELLS[size], size), 0)
        ImageDraw.Draw(expected).text((0, 0), character, fill=1, font=font)
        assert terminus.strike(size, bold).cell(character).tobytes() == expected.tobytes(), character


def test_a_character_that_the_face_lacks_is_a_question_mark(terminus):
    strike = terminus.strike(16, False)
    for character in ("漢", "\U0001f600"):
        assert strike.cell(character).tobytes() == strike.cell("?").tobytes()


@pytest.mark.parametrize(
    ("content", "words"),
    [(None, "is missing; install the package"), (b"", "is missing; install"), (b"\0" * 100, "is not one with bitmaps")],
)
def test_a_font_that_is_none_is_one_clear_line(tmp_path, content, words):
    if content is not None:
        (tmp_path / "terminus-normal.otb").write_bytes(content)
    with pytest.raises(FontMissing, match=rf"terminus-normal\.otb {words}"):
        Terminus(tmp_path)
