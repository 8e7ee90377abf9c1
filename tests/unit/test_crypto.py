"""The installation's key: made once, kept private, never shown."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from earshelf.adapters.crypto import AesGcmCipher
from earshelf.adapters.keyring import load_or_create_key
from earshelf.domain.errors import ConfigurationError

KEY = bytes(range(32))


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_first_run_makes_a_key_that_only_its_owner_may_read(tmp_path: Path) -> None:
    key = load_or_create_key(tmp_path, None)
    path = tmp_path / "secret.key"
    assert path.read_text() == key.hex() + "\n"
    assert mode_of(path) == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["secret.key"]


def test_later_runs_find_the_same_key(tmp_path: Path) -> None:
    assert load_or_create_key(tmp_path, None) == load_or_create_key(tmp_path, None)


def test_two_installations_have_two_keys(tmp_path: Path) -> None:
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder in folders:
        folder.mkdir()
    assert load_or_create_key(folders[0], None) != load_or_create_key(folders[1], None)


def test_processes_that_start_together_agree_on_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as executor:
        keys = set(executor.map(lambda _: load_or_create_key(tmp_path, None), range(32)))
    assert len(keys) == 1


def test_the_environment_goes_before_the_file_and_makes_none(tmp_path: Path) -> None:
    assert load_or_create_key(tmp_path, f" {KEY.hex().upper()}\n") == KEY
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("env", ["", "  "])
def test_an_empty_variable_counts_as_none(tmp_path: Path, env: str) -> None:
    key = load_or_create_key(tmp_path, env)
    assert (tmp_path / "secret.key").read_text().strip() == key.hex()


@pytest.mark.parametrize("env", ["hush", KEY.hex()[:-2], KEY.hex() + "00", "zz" * 32, " ".join(["00"] * 32)])
def test_a_malformed_variable_is_refused_by_name_and_not_shown(tmp_path: Path, env: str) -> None:
    with pytest.raises(ConfigurationError, match="EARSHELF_SECRET_KEY must hold 64 hex digits") as refusal:
        load_or_create_key(tmp_path, env)
    assert env not in refusal.value.message


@pytest.mark.parametrize("content", [b"", b"abc", b"\xff\xfe"])
def test_a_malformed_file_is_refused_by_name_and_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "secret.key"
    path.write_bytes(content)
    with pytest.raises(ConfigurationError, match=r"secret\.key must hold 64 hex digits"):
        load_or_create_key(tmp_path, None)
    assert path.read_bytes() == content


def test_a_key_that_others_may_read_is_closed_to_them(tmp_path: Path) -> None:
    path = tmp_path / "secret.key"
    path.write_text(KEY.hex())
    path.chmod(0o644)
    assert load_or_create_key(tmp_path, None) == KEY
    assert mode_of(path) == 0o600


def test_a_folder_that_is_not_there_is_made_for_the_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "config"
    assert load_or_create_key(folder, None) == load_or_create_key(folder, None)
    assert mode_of(folder) == 0o700


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ConfigurationError, match="file/config"):
        load_or_create_key(tmp_path / "file" / "config", None)


def test_a_cipher_does_not_show_its_key() -> None:
    cipher = AesGcmCipher(KEY)
    assert KEY.hex() not in repr(cipher)
    assert str(KEY) not in repr(cipher)
    assert cipher.key_id in repr(cipher)
    assert cipher.key_id not in KEY.hex()


@pytest.mark.parametrize("length", [0, 16, 31, 33])
def test_a_cipher_takes_keys_of_32_bytes_only(length: int) -> None:
    with pytest.raises(ConfigurationError):
        AesGcmCipher(bytes(length))
