"""What the environment may say, and what is told when it cannot work."""

from pathlib import Path

import pytest

from earshelf.adapters.settings_file import SettingsFile
from earshelf.config.process import ProcessSettings
from earshelf.config.storage import database_kind, initial_settings, sqlite_path
from earshelf.domain.errors import ConfigurationError
from earshelf.domain.settings import Settings


def read(**environment: str) -> ProcessSettings:
    return ProcessSettings.from_environment(environment)


def test_an_empty_environment_listens_on_loopback_with_a_file_of_its_own() -> None:
    settings = read()
    assert (settings.host, settings.port, settings.url_base) == ("127.0.0.1", 8080, "")
    assert settings.database == f"sqlite:///{settings.config_dir / 'earshelf.db'}"


def test_every_variable_arrives() -> None:
    settings = read(
        CONFIG_DIR="/srv/earshelf",
        WEB_PORT="9000",
        EARSHELF_HOST="0.0.0.0",
        URL_BASE="/shelf/",
        EARSHELF_MONITOR_SECONDS="0.5",
        EARSHELF_PROVIDER_GAP_MS="0",
        LOG_LEVEL="debug",
        LOG_FORMAT="JSON",
        EARSHELF_AUDIBLE_URL="http://127.0.0.1:1/",
        MEDIA_ROOT="/media",
        PLEX_DATA_ROOT="/plex",
    )
    assert (settings.media_root, settings.plex_data_root) == ("/media", "/plex")
    assert settings.config_dir == Path("/srv/earshelf")
    assert (settings.port, settings.host, settings.url_base) == (9000, "0.0.0.0", "/shelf")
    assert (settings.monitor_seconds, settings.provider_gap_ms) == (0.5, 0)
    assert (settings.log_level, settings.log_format) == ("DEBUG", "json")
    assert settings.audible_url == "http://127.0.0.1:1"


@pytest.mark.parametrize(("word", "is_meant"), [("true", True), ("1", True), ("Yes", True), ("off", False)])
def test_cookies_are_for_encrypted_connections_only_where_https_is_said(word: str, is_meant: bool) -> None:
    assert read(HTTPS=word).https is is_meant
    assert read().https is False
    with pytest.raises(ConfigurationError, match="HTTPS must be true or false, not 'maybe'"):
        read(HTTPS="maybe")


def test_the_session_key_has_two_names_and_ours_wins() -> None:
    assert read(FLASK_SECRET_KEY="theirs").session_key == "theirs"
    assert read(FLASK_SECRET_KEY="theirs", EARSHELF_SESSION_KEY="ours").session_key == "ours"
    assert read().session_key is None
    assert "ours" not in repr(read(EARSHELF_SESSION_KEY="ours"))


def test_paths_may_lead_anywhere_unless_a_root_is_set() -> None:
    assert (read().media_root, read().plex_data_root) == ("/", "/")


def test_the_environment_gives_first_values_of_preview_settings() -> None:
    settings = initial_settings(
        read(PLEX_BIF_FRAME_INTERVAL="10", THUMBNAIL_INTERVAL="20", THUMBNAIL_QUALITY="2", TONEMAP_ALGORITHM="Mobius")
    )
    changed = {"thumbnail_interval": 10, "thumbnail_quality": 2, "tonemap_algorithm": "mobius"}
    assert settings == Settings().changed(changed)
    assert initial_settings(read(THUMBNAIL_INTERVAL="20")).thumbnails.thumbnail_interval == 20
    assert initial_settings(read(PLEX_BIF_FRAME_INTERVAL=" ", THUMBNAIL_QUALITY="")) == Settings()


@pytest.mark.parametrize(
    ("variable", "value", "name"),
    [
        ("THUMBNAIL_INTERVAL", "often", "thumbnail_interval"),
        ("PLEX_BIF_FRAME_INTERVAL", "9999", "thumbnail_interval"),
        ("THUMBNAIL_QUALITY", "0", "thumbnail_quality"),
        ("TONEMAP_ALGORITHM", "sepia", "tonemap_algorithm"),
    ],
)
def test_a_first_value_that_cannot_be_is_told_and_left_out(
    variable: str, value: str, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert initial_settings(read(**{variable: value}, EARSHELF_LIBRARY_DIR="/books")).library.path == "/books"
    assert initial_settings(read(**{variable: value})) == Settings()
    assert name in caplog.text


async def test_a_first_value_counts_only_where_the_owner_has_not_chosen(tmp_path: Path) -> None:
    (tmp_path / "settings.json").write_text('{"thumbnail_interval": 3}')
    initial = initial_settings(read(THUMBNAIL_INTERVAL="20", THUMBNAIL_QUALITY="2"))
    thumbnails = (await SettingsFile(tmp_path, initial).load()).thumbnails
    assert (thumbnails.thumbnail_interval, thumbnails.thumbnail_quality) == (3, 2)


def test_a_blank_variable_counts_as_unset() -> None:
    assert read(WEB_PORT="  ", URL_BASE="") == read()


def test_an_override_wins_over_the_environment_and_none_does_not() -> None:
    environment = {"WEB_PORT": "9000"}
    assert ProcessSettings.from_environment(environment, port=1).port == 1
    assert ProcessSettings.from_environment(environment, port=None).port == 9000


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("WEB_PORT", "http"),
        ("WEB_PORT", "65536"),
        ("WEB_PORT", "-1"),
        ("URL_BASE", "shelf"),
        ("URL_BASE", "/a?b"),
        ("URL_BASE", "/a//b"),
        ("EARSHELF_MONITOR_SECONDS", "soon"),
        ("EARSHELF_MONITOR_SECONDS", "0"),
        ("EARSHELF_MONITOR_SECONDS", "nan"),
        ("EARSHELF_PROVIDER_GAP_MS", "-5"),
        ("EARSHELF_AUDIBLE_URL", "ftp://host"),
        ("MEDIA_ROOT", "media"),
        ("PLEX_DATA_ROOT", "./plex"),
        ("LOG_LEVEL", "loud"),
        ("LOG_FORMAT", "xml"),
        ("EARSHELF_API_KEY", "two words"),
        ("WEB_AUTH_TOKEN", "tökén"),
    ],
)
def test_a_value_that_cannot_work_is_refused_by_the_variables_name(variable: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=variable):
        read(**{variable: value})


def test_a_refused_credential_is_not_repeated() -> None:
    with pytest.raises(ConfigurationError) as refused:
        read(EARSHELF_API_KEY="secret with blanks")
    assert "secret" not in refused.value.message


def test_the_repr_holds_no_secret() -> None:
    settings = read(
        EARSHELF_API_KEY="api-key-value",
        WEB_AUTH_TOKEN="token-value",
        EARSHELF_SECRET_KEY="ab" * 32,
        EARSHELF_DATABASE_URL="postgresql://me:hush@host/db",
    )
    for secret in ("api-key-value", "token-value", "abab", "hush"):
        assert secret not in repr(settings)


def test_an_unknown_database_is_refused_without_repeating_its_url() -> None:
    with pytest.raises(ConfigurationError, match="EARSHELF_DATABASE_URL") as refused:
        database_kind(read(EARSHELF_DATABASE_URL="oracle://me:hush@host/db"))
    assert "hush" not in refused.value.message


def test_sqlite_takes_absolute_and_relative_files() -> None:
    assert sqlite_path(read(EARSHELF_DATABASE_URL="sqlite:////srv/a.db")) == Path("/srv/a.db")
    assert sqlite_path(read(EARSHELF_DATABASE_URL="sqlite:///a.db")) == Path("a.db")


def test_sqlite_without_a_file_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="name a file"):
        sqlite_path(read(EARSHELF_DATABASE_URL="sqlite://"))
