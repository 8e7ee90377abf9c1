"""What the environment and the command line say, read once and frozen."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from platformdirs import user_data_path

from earshelf.domain.errors import ConfigurationError

DEFAULT_PORT = 8080
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
LOG_FORMATS = ("pretty", "json")


def installed_version() -> str:
    """Returns the version that is installed, ``dev`` where none is."""
    try:
        return version("earshelf")
    except PackageNotFoundError:
        return "dev"


@dataclass(frozen=True, slots=True)
class ProcessSettings:
    """One process's settings. Fields that hold secrets stay out of the repr; the database URL may hold a password.

    ``url_base`` is empty or starts with a slash and does not end with one. ``monitor_seconds`` is the pause between two
    looks at the downloads, ``provider_gap_ms`` the least time between two requests to one metadata provider.
    ``database_connections`` is how many of PostgreSQL's connections the process keeps at most.
    ``secret_key_next`` follows ``secret_key`` when the key is changed. ``session_key`` goes into the names of browsers'
    sessions; with ``https`` their cookies are for encrypted connections only.
    ``media_root`` and ``plex_data_root`` are the folders that paths of videos and of Plex's data may not leave.
    ``seeds`` are first values of settings as the environment spells them.
    ``commit`` and ``build_time`` are stamped into images when they are built.
    """

    config_dir: Path = field(default_factory=lambda: user_data_path("earshelf", appauthor=False))
    host: str = "127.0.0.1"
    port: int = DEFAULT_PORT
    url_base: str = ""
    database_url: str = field(default="", repr=False)
    database_connections: int = 10
    api_key: str | None = field(default=None, repr=False)
    operator_token: str | None = field(default=None, repr=False)
    secret_key: str | None = field(default=None, repr=False)
    secret_key_next: str | None = field(default=None, repr=False)
    session_key: str | None = field(default=None, repr=False)
    https: bool = False
    library_dir: str | None = None
    media_root: str = "/"
    plex_data_root: str = "/"
    seeds: Mapping[str, str] = field(default_factory=dict, hash=False)
    audible_url: str | None = None
    audnexus_url: str | None = None
    plex_tv_url: str | None = None
    monitor_seconds: float = 30.0
    provider_gap_ms: int = 200
    log_level: str = "INFO"
    log_format: str = "pretty"
    commit: str = "unknown"
    build_time: str = "unknown"

    @property
    def database(self) -> str:
        """The database URL, with the file in the config folder as default."""
        return self.database_url or f"sqlite:///{self.config_dir / 'earshelf.db'}"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str], **overrides: Any) -> Self:
        """Reads the variables; an empty one counts as unset, and an override that is not None wins.

        :raises ConfigurationError: a variable's value cannot work; the message names it.
        """
        given = {name: text.strip() for name, text in environment.items() if text.strip()}
        values: dict[str, Any] = {
            name: read(variable, given[variable]) for variable, (name, read) in _VARIABLES.items() if variable in given
        }
        if "EARSHELF_SESSION_KEY" not in given and "FLASK_SECRET_KEY" in given:
            values["session_key"] = given["FLASK_SECRET_KEY"]
        # of two variables for one setting the first wins
        values["seeds"] = {name: given[variable] for variable, name in reversed(_SEEDS) if variable in given}
        values |= {name: value for name, value in overrides.items() if value is not None}
        return cls(**values)

    def at(self, *, port: int) -> Self:
        """The same settings with another port."""
        return replace(self, port=port)


def _text(_: str, value: str) -> str:
    return value


def _folder(_: str, value: str) -> Path:
    return Path(value).expanduser()


def _absolute(variable: str, value: str) -> str:
    if not value.startswith("/"):
        raise ConfigurationError(f"{variable} must be the absolute path of a folder, not '{value}'")
    return value


def _port(variable: str, value: str) -> int:
    if not value.isdecimal() or not 0 <= int(value) <= 65535:
        raise ConfigurationError(f"{variable} must be a port number from 0 to 65535, not '{value}'")
    return int(value)


def _connections(variable: str, value: str) -> int:
    if not value.isdecimal() or not 3 <= int(value) <= 100:
        raise ConfigurationError(f"{variable} must be a number from 3 to 100, not '{value}'")
    return int(value)


def _seconds(variable: str, value: str) -> float:
    try:
        seconds = float(value)
    except ValueError:
        seconds = -1.0
    if not 0.05 <= seconds <= 86_400:
        raise ConfigurationError(f"{variable} must be a number of seconds from 0.05 to 86400, not '{value}'")
    return seconds


def _milliseconds(variable: str, value: str) -> int:
    if not value.isdecimal() or int(value) > 60_000:
        raise ConfigurationError(f"{variable} must be a number of milliseconds from 0 to 60000, not '{value}'")
    return int(value)


def _url_base(variable: str, value: str) -> str:
    base = value.rstrip("/")
    if base and (not base.startswith("/") or any(char in base for char in "?#{} ") or "//" in base):
        raise ConfigurationError(f"{variable} must start with a slash and be a plain path, not '{value}'")
    return base


def _http_url(variable: str, value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ConfigurationError(f"{variable} must be an http(s) URL")
    return value.rstrip("/")


def _one_of(*allowed: str) -> Any:
    def read(variable: str, value: str) -> str:
        for choice in allowed:
            if value.casefold() == choice.casefold():
                return choice
        raise ConfigurationError(f"{variable} must be one of {', '.join(allowed)}, not '{value}'")

    return read


def _flag(variable: str, value: str) -> bool:
    if value.casefold() not in _FLAGS:
        raise ConfigurationError(f"{variable} must be true or false, not '{value}'")
    return _FLAGS[value.casefold()]


_FLAGS = dict.fromkeys(("true", "1", "yes", "on"), True) | dict.fromkeys(("false", "0", "no", "off"), False)


def _credential(variable: str, value: str) -> str:
    if not value.isascii() or not value.isprintable() or " " in value:
        raise ConfigurationError(f"{variable} must be printable ASCII without blanks")
    return value


_VARIABLES: Mapping[str, tuple[str, Any]] = {
    "CONFIG_DIR": ("config_dir", _folder),
    "WEB_PORT": ("port", _port),
    "EARSHELF_HOST": ("host", _text),
    "URL_BASE": ("url_base", _url_base),
    "EARSHELF_DATABASE_URL": ("database_url", _text),
    "EARSHELF_DATABASE_CONNECTIONS": ("database_connections", _connections),
    "EARSHELF_API_KEY": ("api_key", _credential),
    "WEB_AUTH_TOKEN": ("operator_token", _credential),
    "EARSHELF_SECRET_KEY": ("secret_key", _text),
    "EARSHELF_SECRET_KEY_NEXT": ("secret_key_next", _text),
    "EARSHELF_SESSION_KEY": ("session_key", _text),
    "HTTPS": ("https", _flag),
    "EARSHELF_LIBRARY_DIR": ("library_dir", _text),
    "MEDIA_ROOT": ("media_root", _absolute),
    "PLEX_DATA_ROOT": ("plex_data_root", _absolute),
    "EARSHELF_AUDIBLE_URL": ("audible_url", _http_url),
    "EARSHELF_AUDNEXUS_URL": ("audnexus_url", _http_url),
    "EARSHELF_PLEX_TV_URL": ("plex_tv_url", _http_url),
    "EARSHELF_MONITOR_SECONDS": ("monitor_seconds", _seconds),
    "EARSHELF_PROVIDER_GAP_MS": ("provider_gap_ms", _milliseconds),
    "LOG_LEVEL": ("log_level", _one_of(*LOG_LEVELS)),
    "LOG_FORMAT": ("log_format", _one_of(*LOG_FORMATS)),
    "EARSHELF_COMMIT": ("commit", _text),
    "EARSHELF_BUILD_TIME": ("build_time", _text),
}

_SEEDS = (
    ("PLEX_BIF_FRAME_INTERVAL", "thumbnail_interval"),
    ("THUMBNAIL_INTERVAL", "thumbnail_interval"),
    ("THUMBNAIL_QUALITY", "thumbnail_quality"),
    ("TONEMAP_ALGORITHM", "tonemap_algorithm"),
)
