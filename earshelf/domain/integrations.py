"""Neighbours that the owner configures: indexers, download clients, connectors.

All of them are one aggregate with a role and a kind; what a kind needs is a table, so that a new kind is a row here and
an adapter, and nothing else.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qs

from earshelf.domain.errors import CredentialsRejected, IntegrationKind, Invalid
from earshelf.domain.ids import IdPrefix, IntegrationId
from earshelf.domain.paths import PathMapping
from earshelf.domain.releases import Protocol
from earshelf.domain.setting_forms import MASK, SettingForm, SettingRule, checked_setting

SECRETS_LOST = "its stored secret does not open with this installation's key; type its secret in again"
DEFAULT_PRIORITY = 50


class IntegrationRole(StrEnum):
    """What a neighbour does for the library."""

    INDEXER = "indexer"
    DOWNLOAD_CLIENT = "download_client"
    CONNECTOR = "connector"

    @property
    def id_prefix(self) -> IdPrefix:
        """The prefix of identifiers of this role."""
        return _PREFIXES[self]


_PREFIXES = {
    IntegrationRole.INDEXER: IdPrefix.INDEXER,
    IntegrationRole.DOWNLOAD_CLIENT: IdPrefix.DOWNLOAD_CLIENT,
    IntegrationRole.CONNECTOR: IdPrefix.CONNECTOR,
}


@dataclass(frozen=True, slots=True)
class KindRules:
    """All that is particular to one kind.

    ``target`` names the setting that Fetch fills; ``protocols`` says which releases a client takes.
    """

    settings: tuple[SettingRule, ...]
    takes_mappings: bool = False
    target: str | None = None
    protocols: frozenset[Protocol] = frozenset()

    @property
    def secret_names(self) -> frozenset[str]:
        """Settings that are encrypted at rest and masked on the way out."""
        return frozenset(rule.name for rule in self.settings if rule.form is SettingForm.SECRET)


_FORM = SettingForm
_FEED = (
    SettingRule("url", _FORM.FEED_URL),
    SettingRule("api_key", _FORM.SECRET, required=False),
    SettingRule("categories", _FORM.CATEGORIES, required=False, default=(3030,)),
)
_TORRENT_CLIENT = (
    SettingRule("url", _FORM.URL),
    SettingRule("username", _FORM.TEXT, required=False),
    SettingRule("password", _FORM.SECRET, required=False),
    SettingRule("category", _FORM.TEXT, required=False),
)
_TORRENTS = frozenset({Protocol.TORRENT})

KINDS: Mapping[IntegrationRole, Mapping[str, KindRules]] = {
    IntegrationRole.INDEXER: {"torznab": KindRules(_FEED), "newznab": KindRules(_FEED)},
    IntegrationRole.DOWNLOAD_CLIENT: {
        "transmission": KindRules(_TORRENT_CLIENT, takes_mappings=True, protocols=_TORRENTS),
        "qbittorrent": KindRules(_TORRENT_CLIENT, takes_mappings=True, protocols=_TORRENTS),
    },
    IntegrationRole.CONNECTOR: {
        "audiobookshelf": KindRules(
            (
                SettingRule("server_url", _FORM.URL),
                SettingRule("api_key", _FORM.SECRET),
                SettingRule("library_id", _FORM.TEXT),
            ),
            target="library_id",
        ),
        "plex": KindRules(
            (
                SettingRule("server_url", _FORM.URL),
                SettingRule("token", _FORM.SECRET),
                SettingRule("section_id", _FORM.TEXT),
                SettingRule("fallback_to_full_refresh", _FORM.FLAG, required=False, default=False),
            ),
            takes_mappings=True,
            target="section_id",
        ),
    },
}


@dataclass(slots=True)
class Integration:
    """One configured neighbour.

    ``settings`` holds plain values, ``secrets`` the rest; their names never overlap. Path mappings translate in the
    direction that the role needs: a client's paths into ours, ours into a connector's. ``version`` belongs to storage.
    ``secrets_lost`` says that storage holds secrets which do not open with the installation's key; they stay where they
    are until others are typed in.
    """

    id: IntegrationId
    role: IntegrationRole
    kind: str
    name: str
    enabled: bool = True
    priority: int = DEFAULT_PRIORITY
    settings: Mapping[str, Any] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    path_mappings: tuple[PathMapping, ...] = ()
    version: int = 0
    secrets_lost: bool = False

    @property
    def rules(self) -> KindRules:
        """What this kind needs and can."""
        return KINDS[self.role][self.kind]

    def masked_settings(self) -> dict[str, Any]:
        """All settings as they may be shown: a stored secret reads as a mask, lost or not, an empty one as empty."""
        shown = {rule.name: self.settings.get(rule.name, rule.default) for rule in self.rules.settings}
        for name in self.rules.secret_names:
            shown[name] = MASK if self.secrets_lost or self.secrets.get(name) else ""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in shown.items()}

    def require_secrets(self) -> None:
        """Keeps a neighbour from being asked without the secrets that it was given.

        :raises CredentialsRejected: they are lost.
        """
        if self.secrets_lost:
            raise CredentialsRejected(IntegrationKind(self.role.value), self.name, SECRETS_LOST)


@dataclass(frozen=True, slots=True)
class IntegrationDraft:
    """What a person filled in, not yet checked. ``settings`` may hold masks for secrets that are stored."""

    kind: str
    name: str
    settings: Mapping[str, Any] = field(repr=False)
    enabled: bool = True
    priority: int = DEFAULT_PRIORITY
    path_mappings: Sequence[PathMapping] = ()


def configure(
    draft: IntegrationDraft,
    *,
    identifier: IntegrationId,
    role: IntegrationRole,
    stored: Integration | None = None,
    without_target: bool = False,
) -> Integration:
    """Checks a draft and makes it an integration; masks keep what ``stored`` holds.

    ``without_target`` admits a draft whose target is what Fetch is about to find out.

    :raises Invalid: an unknown kind or setting, a missing or ill-formed value; ``fields`` lists all of them.
    """
    rules = KINDS[role].get(draft.kind)
    if rules is None:
        raise Invalid("Unknown type", {"type": f"must be one of {', '.join(KINDS[role])}"})
    problems: dict[str, str] = {}
    if not 1 <= len(draft.name.strip()) <= 100:
        problems["name"] = "must have 1 to 100 characters"
    if not 0 <= draft.priority <= 100:
        problems["priority"] = "must be between 0 and 100"
    if draft.path_mappings and not rules.takes_mappings:
        problems["path_mappings"] = "this type takes none"
    given = _with_key_from_feed(draft.settings, rules)
    for name in given.keys() - {rule.name for rule in rules.settings}:
        problems[f"settings.{name}"] = "is not a setting of this type"
    stays_lost = stored is not None and _stays_lost(stored, rules, given)
    values = _checked_settings(rules, given, stored, problems, rules.target if without_target else None)
    if problems:
        raise Invalid(_sentence(problems), problems)
    return Integration(
        id=identifier,
        role=role,
        kind=draft.kind,
        name=draft.name.strip(),
        enabled=draft.enabled,
        priority=draft.priority,
        settings={name: value for name, value in values.items() if name not in rules.secret_names},
        secrets={} if stays_lost else {name: values[name] for name in rules.secret_names if values[name]},
        path_mappings=tuple(draft.path_mappings),
        version=stored.version if stored else 0,
        secrets_lost=stays_lost,
    )


def _stays_lost(stored: Integration, rules: KindRules, given: Mapping[str, Any]) -> bool:
    """Whether a draft keeps lost secrets: they lie in storage together, so that it has to keep all of them."""
    return stored.secrets_lost and stored.rules is rules and all(given.get(name) == MASK for name in rules.secret_names)


def _sentence(problems: Mapping[str, str]) -> str:
    name, why = next(iter(problems.items()))
    return f"{name} {why}"


def _checked_settings(
    rules: KindRules,
    given: Mapping[str, Any],
    stored: Integration | None,
    problems: dict[str, str],
    optional: str | None,
) -> dict[str, Any]:
    kept = {**stored.settings, **stored.secrets} if stored and stored.rules is rules else {}
    if stored and _stays_lost(stored, rules, given):
        kept |= dict.fromkeys(rules.secret_names, MASK)
    values: dict[str, Any] = {}
    for rule in rules.settings:
        value = given.get(rule.name, rule.default)
        try:
            values[rule.name] = checked_setting(rule, value, kept)
            if rule.required and rule.name != optional and values[rule.name] in ("", None):
                raise ValueError("is required")
        except ValueError as problem:
            problems[f"settings.{rule.name}"] = str(problem)
    return values


def _with_key_from_feed(settings: Mapping[str, Any], rules: KindRules) -> Mapping[str, Any]:
    url = settings.get("url")
    feeds = any(rule.form is SettingForm.FEED_URL for rule in rules.settings)
    # what is stored holds no query: a key in the URL was pasted just now and is newer than a mask
    if not feeds or not isinstance(url, str) or settings.get("api_key") not in (None, "", MASK):
        return settings
    pasted = parse_qs(url.partition("?")[2]).get("apikey")
    return {**settings, "api_key": pasted[0]} if pasted else settings
