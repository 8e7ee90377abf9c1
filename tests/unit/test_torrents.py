"""Torrent files, magnet links and the encoding beneath them."""

import base64
import hashlib

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from earshelf.domain.bencode import MAX_BYTES, Bencoded, decode, encode
from earshelf.domain.errors import TorrentInvalid
from earshelf.domain.torrents import make_torrent, read_magnet, read_torrent

ANNOUNCE = "http://tracker.invalid/announce?passkey=hunter2"
BENCODED = st.recursive(
    st.integers(-(10**19), 10**19) | st.binary(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.binary(max_size=6), inner, max_size=4),
    max_leaves=20,
)


def torrent(info: dict[str, object]) -> bytes:
    return encode({"announce": ANNOUNCE, "info": info})


@given(BENCODED)
def test_what_is_encoded_reads_back(value: Bencoded) -> None:
    assert decode(encode(value)).value == value


def test_keys_are_written_in_the_order_of_their_bytes() -> None:
    assert encode({"b": 1, b"a": ["x", b"\xff"], "é": {}}) == b"d1:al1:x1:\xffe1:bi1e2:\xc3\xa9dee"


@pytest.mark.parametrize("value", [True, None, 1.5, {1: 2}, {"a": object()}])
def test_values_without_an_encoding_are_a_type_error(value: object) -> None:
    with pytest.raises(TypeError):
        encode(value)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"i",
        b"ie",
        b"i-e",
        b"i-0e",
        b"i01e",
        b"i-01e",
        b"i+1e",
        b"i 1e",
        b"i1",
        b"i" + b"1" * 5000 + b"e",
        b"1",
        b"1:",
        b"2:a",
        b"01:a",
        b"-1:a",
        b"999999999999:a",
        b"l",
        b"li1e",
        b"d",
        b"d1:a",
        b"d1:ae",
        b"di1e1:ae",
        b"d1:ai1e1:ai2ee",
        b"e",
        b"i1ei2e",
        b"i1e\n",
        b"x",
        b"<html></html>",
    ],
)
def test_a_damaged_encoding_is_refused(data: bytes) -> None:
    with pytest.raises(TorrentInvalid):
        decode(data)


@pytest.mark.parametrize(
    "data",
    [b"l" * 1_000_000, b"d1:a" * 500_000, b"l" + b"le" * 1_100_000 + b"e"],
    ids=["deep lists", "deep dictionaries", "many values"],
)
def test_bombs_are_refused_before_they_hurt(data: bytes) -> None:
    with pytest.raises(TorrentInvalid):
        decode(data)


def test_a_file_beyond_the_size_limit_is_not_even_looked_at() -> None:
    with pytest.raises(TorrentInvalid):
        decode(b"%d:" % MAX_BYTES + b"x" * MAX_BYTES)


def test_keys_out_of_order_are_let_through() -> None:
    assert decode(b"d1:bi1e1:ai2ee").value == {b"b": 1, b"a": 2}


def test_the_info_hash_is_sha1_of_the_bytes_as_they_stand() -> None:
    info = b"d6:lengthi5e4:name5:a.mp312:piece lengthi16384e6:pieces20:" + b"x" * 20 + b"e"
    read = read_torrent(b"d8:announce3:url4:info" + info + b"e")
    assert read.info_hash == hashlib.sha1(info).hexdigest()
    assert (read.name, read.size, read.files) == ("a.mp3", 5, ("a.mp3",))


def test_keys_out_of_order_do_not_change_what_is_hashed() -> None:
    info = b"d4:name5:a.mp36:lengthi5e6:pieces0:e"
    assert read_torrent(b"d4:info" + info + b"e").info_hash == hashlib.sha1(info).hexdigest()


def test_an_info_dictionary_further_in_is_not_mistaken_for_the_torrents() -> None:
    inner = encode({"name": "wrong", "length": 1, "pieces": b""})
    info = encode({"name": "right", "length": 2, "pieces": b""})
    read = read_torrent(b"d4:aaaad4:info" + inner + b"e4:info" + info + b"e")
    assert (read.name, read.info_hash) == ("right", hashlib.sha1(info).hexdigest())


def test_a_made_torrent_of_many_files_reads_back() -> None:
    data = make_torrent("Book", [("1.mp3", b"abc"), ("cd 2/2.mp3", b"defgh")], ANNOUNCE)
    read = read_torrent(data)
    assert (read.name, read.size, read.files) == ("Book", 8, ("Book/1.mp3", "Book/cd 2/2.mp3"))
    assert read.data == data


def test_a_made_torrent_of_one_file_has_no_folder() -> None:
    assert read_torrent(make_torrent("b.m4b", [("b.m4b", b"abc")], ANNOUNCE)).files == ("b.m4b",)
    assert read_torrent(make_torrent("Book", [("b.m4b", b"abc")], ANNOUNCE)).files == ("Book/b.m4b",)


def test_pieces_are_hashed_across_files() -> None:
    data = make_torrent("Book", [("1", b"abc"), ("2", b"de")], ANNOUNCE, piece_length=4, private=True)
    assert hashlib.sha1(b"abcd").digest() + hashlib.sha1(b"e").digest() in data
    assert b"7:privatei1e" in data


def test_equal_input_makes_equal_torrents() -> None:
    files = [("1.mp3", b"abc")]
    assert make_torrent("Book", files, ANNOUNCE) == make_torrent("Book", files, ANNOUNCE)
    assert b"private" not in make_torrent("Book", files, ANNOUNCE)


def test_a_torrent_of_version_two_goes_by_its_shortened_sha256() -> None:
    tree = {"cd": {"1.mp3": {"": {"length": 3}}}, "2.mp3": {"": {"length": 4}}}
    info: dict[str, object] = {"meta version": 2, "name": "Book", "piece length": 16384, "file tree": tree}
    read = read_torrent(torrent(info))
    assert read.info_hash == hashlib.sha256(encode(info)).hexdigest()[:40]
    assert (sorted(read.files), read.size) == (["Book/2.mp3", "Book/cd/1.mp3"], 7)


def test_a_single_file_of_version_two_has_no_folder() -> None:
    tree = {"a.m4b": {"": {"length": 3}}}
    assert read_torrent(torrent({"name": "a.m4b", "file tree": tree})).files == ("a.m4b",)
    assert read_torrent(torrent({"name": "Book", "file tree": tree})).files == ("Book/a.m4b",)


def test_a_hybrid_goes_by_its_first_version_and_leaves_padding_out() -> None:
    files = [
        {"length": 3, "path": ["1.mp3"]},
        {"attr": "p", "length": 9, "path": [".pad", "9"]},
        {"length": 4, "path": ["2.mp3"]},
    ]
    info: dict[str, object] = {"meta version": 2, "file tree": {}, "name": "B", "files": files, "pieces": b""}
    read = read_torrent(torrent(info))
    assert read.info_hash == hashlib.sha1(encode(info)).hexdigest()
    assert (read.files, read.size) == (("B/1.mp3", "B/2.mp3"), 7)


def test_a_name_in_unicode_goes_before_one_in_an_old_code_page() -> None:
    info: dict[str, object] = {"name": b"\xff\xfe", "name.utf-8": "漢", "length": 1, "pieces": b""}
    assert read_torrent(torrent(info)).name == "漢"


@pytest.mark.parametrize(
    "info",
    [
        {},
        {"name": "a", "pieces": b""},
        {"name": "a", "length": 1},
        {"name": " ", "length": 1, "pieces": b""},
        {"name": 5, "length": 1, "pieces": b""},
        {"name": "a", "length": -1, "pieces": b""},
        {"name": "a", "length": 1, "pieces": b"x"},
        {"name": "a", "files": [], "pieces": b""},
        {"name": "a", "files": [1], "pieces": b""},
        {"name": "a", "files": [{"length": 1}], "pieces": b""},
        {"name": "a", "files": [{"length": 1, "path": []}], "pieces": b""},
        {"name": "a", "files": [{"length": 1, "path": [2]}], "pieces": b""},
        {"name": "a", "files": [{"length": 10**19, "path": ["b"]}], "pieces": b""},
        {"name": "a", "files": [{"length": 1, "path": ["b" * 5000]}], "pieces": b""},
        {"name": "a", "files": [{"length": 1, "path": ["b"]}] * 50_001, "pieces": b""},
        {"name": "a", "file tree": {}},
        {"name": "a", "file tree": {"b": 1}},
        {"name": "a", "file tree": {"b": {"": {}}}},
    ],
)
def test_an_unsound_info_dictionary_is_refused(info: dict[str, object]) -> None:
    with pytest.raises(TorrentInvalid):
        read_torrent(torrent(info))


@pytest.mark.parametrize("data", [b"", b"<!doctype html>", b"i1e", b"le", b"de", b"d4:infoi1ee", b"d4:info0:e"])
def test_what_is_no_torrent_is_refused(data: bytes) -> None:
    with pytest.raises(TorrentInvalid):
        read_torrent(data)


@given(st.binary() | st.lists(st.sampled_from([b"d", b"l", b"e", b"i1e", b"4:info", b"4:name", b"1:"])).map(b"".join))
@example(b"d4:infodee")
def test_garbage_is_refused_and_nothing_else_happens(data: bytes) -> None:
    with pytest.raises(TorrentInvalid):
        read_torrent(data)


@given(BENCODED)
def test_any_sound_encoding_that_is_no_torrent_is_refused(value: Bencoded) -> None:
    with pytest.raises(TorrentInvalid):
        read_torrent(encode({"info": value}))


@given(st.data())
def test_a_torrent_with_one_byte_changed_is_read_or_refused(data: st.DataObject) -> None:
    damaged = bytearray(make_torrent("Book", [("1.mp3", b"abc"), ("2.mp3", b"d")], ANNOUNCE))
    place = data.draw(st.integers(0, len(damaged) - 1))
    damaged[place] = data.draw(st.integers(0, 255))
    try:
        read = read_torrent(bytes(damaged))
    except TorrentInvalid:
        return
    assert len(read.info_hash) == 40


def test_no_passkey_shows_in_a_repr() -> None:
    data = make_torrent("Book", [("1.mp3", b"abc")], ANNOUNCE)
    link = read_magnet("magnet:?xt=urn:btih:" + "a" * 40 + "&tr=" + ANNOUNCE)
    assert "hunter2" not in repr(read_torrent(data))
    assert "hunter2" not in repr(link)
    assert "hunter2" not in repr(decode(data).spans)


HASH = hashlib.sha1(b"x").hexdigest()
LONG_HASH = hashlib.sha256(b"x").hexdigest()
BASE32 = base64.b32encode(bytes.fromhex(HASH)).decode()


@pytest.mark.parametrize(
    "uri",
    [
        f"magnet:?xt=urn:btih:{HASH}",
        f"MAGNET:?XT=URN:BTIH:{HASH.upper()}",
        f"magnet:?xt=urn:btih:{BASE32}",
        f"magnet:?xt=urn:btih:{BASE32.lower()}",
        f"magnet:?dn=x&xt.1=urn%3Abtih%3A{HASH}&tr=http://t",
        f"magnet:?xt=urn:btmh:1220{LONG_HASH}&xt=urn:btih:{HASH}",
        f"  magnet:?xt=urn:ed2k:31d6cfe0&xt=urn:btih:{HASH}\n",
    ],
)
def test_every_spelling_of_a_hash_reads_alike(uri: str) -> None:
    assert read_magnet(uri).info_hash == HASH


def test_a_magnet_of_version_two_goes_by_its_shortened_hash() -> None:
    assert read_magnet(f"magnet:?xt=urn:btmh:1220{LONG_HASH.upper()}").info_hash == LONG_HASH[:40]


def test_a_magnet_may_have_a_name() -> None:
    assert read_magnet(f"magnet:?xt=urn:btih:{HASH}&dn=A+Book%21").name == "A Book!"
    assert read_magnet(f"magnet:?xt=urn:btih:{HASH}").name is None


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "magnet:",
        "magnet:?",
        "magnet:?dn=x",
        f"http://x/?xt=urn:btih:{HASH}",
        "magnet:?xt=urn:btih:",
        f"magnet:?xt=urn:btih:{HASH[1:]}",
        f"magnet:?xt=urn:btih:g{HASH[1:]}",
        f"magnet:?xt=urn:sha1:{BASE32}",
        f"magnet:?xt=urn:btmh:{LONG_HASH}",
        f"magnet:?xt=urn:btih:{HASH}&tr=" + "x" * 70000,
    ],
)
def test_a_magnet_without_a_hash_is_refused(uri: str) -> None:
    with pytest.raises(TorrentInvalid):
        read_magnet(uri)


@given(st.text() | st.text("magnet:?xt=urn:btihm&%;01", max_size=80).map("magnet:?".__add__))
def test_any_text_that_is_no_magnet_is_refused(uri: str) -> None:
    with pytest.raises(TorrentInvalid):
        read_magnet(uri)
