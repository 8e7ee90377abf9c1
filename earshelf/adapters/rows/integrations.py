"""Neighbours and keys as rows; their secrets are encrypted for the row that they lie in."""

import json
from collections.abc import Mapping
from typing import Any

from earshelf.adapters.rows.values import Row, dumped, place
from earshelf.domain.access import Credential
from earshelf.domain.errors import SecretUnreadable
from earshelf.domain.integrations import Integration, IntegrationRole
from earshelf.domain.paths import PathMapping
from earshelf.ports.secrets import Cipher


def role_word(role: IntegrationRole) -> str:
    """Spells a role as people say it."""
    return role.value.replace("_", " ")


def _secrets_place(integration_id: str) -> str:
    return place("integrations", "secrets", integration_id)


def integration_row(integration: Integration, version: int, cipher: Cipher) -> dict[str, Any]:
    """Spells a neighbour as a row of ``integrations``, all its secrets as one encrypted value."""
    row = {
        "id": integration.id,
        "role": integration.role.value,
        "kind": integration.kind,
        "name": integration.name,
        "enabled": integration.enabled,
        "priority": integration.priority,
        "settings": dumped(dict(integration.settings)),
        "path_mappings": dumped([[row.source, row.target] for row in integration.path_mappings]),
        "version": version,
    }
    # what could not be read stays as it is stored: its key may come back
    if not integration.secrets_lost:
        secrets = json.dumps(dict(integration.secrets))
        row["secrets"] = cipher.encrypt(secrets, context=_secrets_place(integration.id))
    return row


def readable_integration(row: Row, cipher: Cipher) -> Integration:
    """Reads a neighbour; secrets that do not open are lost, and nothing else is."""
    try:
        return integration_from(row, cipher)
    except SecretUnreadable:
        return _integration(row, {}, secrets_lost=True)


def integration_from(row: Row, cipher: Cipher) -> Integration:
    """Reads a neighbour.

    :raises SecretUnreadable: its secrets do not open.
    """
    return _integration(row, json.loads(cipher.decrypt(row["secrets"], context=_secrets_place(row["id"]))))


def _integration(row: Row, secrets: Mapping[str, str], *, secrets_lost: bool = False) -> Integration:
    settings = json.loads(row["settings"])
    return Integration(
        id=row["id"],
        role=IntegrationRole(row["role"]),
        kind=row["kind"],
        name=row["name"],
        enabled=bool(row["enabled"]),
        priority=row["priority"],
        settings={name: tuple(value) if isinstance(value, list) else value for name, value in settings.items()},
        secrets=secrets,
        path_mappings=tuple(PathMapping(*mapping) for mapping in json.loads(row["path_mappings"])),
        secrets_lost=secrets_lost,
        version=row["version"],
    )


def credential_row(credential: Credential, value: str, cipher: Cipher) -> dict[str, Any]:
    """Spells a key as a row of ``credentials``."""
    return {"name": credential.value, "value": cipher.encrypt(value, context=_value_place(credential))}


def credential_from(row: Row, credential: Credential, cipher: Cipher) -> str:
    """Reads a key.

    :raises SecretUnreadable: it does not open.
    """
    return cipher.decrypt(row["value"], context=_value_place(credential))


def _value_place(credential: Credential) -> str:
    return place("credentials", "value", credential.value)
