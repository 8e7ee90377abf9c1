"""What the names of video files say, compared with a second reading and within linear time."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshelf.domain.release_tokens import Token, file_tokens, text_tokens
from tests.unit import plain_tokens
from tests.unit.invented_names import invented_names


def test_two_readings_of_five_thousand_names_agree() -> None:
    pairs = {name: (file_tokens(name), plain_tokens.read(name)) for name in invented_names(5000, seed=1895)}
    assert {name: pair for name, pair in pairs.items() if pair[0] != pair[1]} == {}
    assert {token for tokens, _ in pairs.values() for token in tokens} == set(Token)


@given(st.text("dvhr10+p.x _-(ma)25stlg:o", max_size=24), st.sampled_from(["", "2021.", "1080p "]))
def test_two_readings_of_scrambled_names_agree(scramble: str, marker: str) -> None:
    path = f"/m/{marker}{scramble}.mkv"
    assert file_tokens(path) == plain_tokens.read(path)


def test_texts_are_read_each_for_itself() -> None:
    assert text_tokens("DTS", "X") == frozenset()
    assert text_tokens("English (DTS:X)", "", "Atmos") == {Token.DTS_X, Token.ATMOS}


def test_a_text_needs_no_release_marker() -> None:
    assert text_tokens("HDR (2021)") == {Token.HDR}
    assert file_tokens("HDR (2021).mkv") == frozenset()


def test_an_accent_of_its_own_is_part_of_its_letter() -> None:
    assert file_tokens("/m/Movie.2021.e\u0301hdr.mkv") == frozenset()


@pytest.mark.parametrize(
    "piece", ["dv", "dv.", "sony.", "sony dv ", "dts.x.", "dts x", "hdr10+", "s1e", ".", "_-", "19", "a."]
)
def test_a_hostile_name_takes_linear_time(piece: str) -> None:
    def seconds(length: int) -> float:
        path = (piece * length)[:length]
        before = time.perf_counter()
        file_tokens(path)
        return time.perf_counter() - before

    seconds(1000)
    short, long = min(seconds(20_000 + turn) for turn in range(3)), min(seconds(160_000 + turn) for turn in range(3))
    assert long < 32 * short + 0.05
