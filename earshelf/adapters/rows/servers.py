"""Media servers, accounts and sign-ins as rows; their tokens are encrypted for the row that they lie in."""

from datetime import time
from typing import Any

from earshelf.adapters.rows.values import Row, moment, moment_or_none, place
from earshelf.domain.accounts import (
    Account,
    AccountProvider,
    Holder,
    SignIn,
    SignInPurpose,
    SignInState,
    TokenState,
)
from earshelf.domain.errors import SecretUnreadable
from earshelf.domain.servers import AuthMethod, MediaServer, ServerKind
from earshelf.domain.sync_schedules import SyncEvery, SyncSchedule
from earshelf.ports.secrets import Cipher

SERVER, ACCOUNT, SIGN_IN = "media server", "account", "PIN"
ONE_SERVER = "SELECT * FROM servers WHERE id = ?"
ALL_SERVERS = "SELECT * FROM servers ORDER BY age, id"
OF_MACHINE = "SELECT * FROM servers WHERE kind = ? AND machine_id = ?"
NEXT_AGE = "SELECT coalesce(max(age), 0) + 1 AS age FROM servers"
ONE_ACCOUNT = "SELECT * FROM accounts WHERE id = ?"
ONE_SIGN_IN = "SELECT * FROM sign_ins WHERE id = ?"
PENDING = "SELECT * FROM sign_ins WHERE state = 'pending' ORDER BY expires_at, id"
FORGET = "DELETE FROM sign_ins WHERE expires_at < ?"


def server_row(server: MediaServer, version: int, cipher: Cipher) -> dict[str, Any]:
    """Spells a server as a row of ``servers``; a token that could not be read stays as it is stored."""
    row = {
        "id": server.id,
        "kind": server.kind.value,
        "name": server.name,
        "url": server.url,
        "method": server.method.value,
        "enabled": server.enabled,
        "verify_ssl": server.verify_ssl,
        "machine_id": server.machine_id,
        "software": server.software,
        "platform": server.platform,
        "token_state": server.token_state.value,
        "checked_at": server.checked_at,
        "preferred": server.preferred,
        "sync_every": server.schedule.every.value,
        "sync_at": f"{server.schedule.at:%H:%M}",
        "notice": server.notice,
        "version": version,
    }
    return row if server.secrets_lost else {**row, "token": _sealed("servers", server.id, server.token, cipher)}


def readable_server(row: Row, cipher: Cipher) -> MediaServer:
    """Reads a server; a token that does not open is lost, and nothing else is."""
    try:
        return server_from(row, cipher)
    except SecretUnreadable:
        return _server(row, "", secrets_lost=True)


def server_from(row: Row, cipher: Cipher) -> MediaServer:
    """Reads a server.

    :raises SecretUnreadable: its token does not open.
    """
    return _server(row, _opened("servers", row, cipher))


def _server(row: Row, token: str, *, secrets_lost: bool = False) -> MediaServer:
    return MediaServer(
        id=row["id"],
        kind=ServerKind(row["kind"]),
        name=row["name"],
        url=row["url"],
        method=AuthMethod(row["method"]),
        token=token,
        enabled=bool(row["enabled"]),
        verify_ssl=bool(row["verify_ssl"]),
        machine_id=row["machine_id"],
        software=row["software"],
        platform=row["platform"],
        token_state=TokenState(row["token_state"]),
        checked_at=moment_or_none(row["checked_at"]),
        version=row["version"],
        secrets_lost=secrets_lost,
        notice=row["notice"],
        preferred=bool(row["preferred"]),
        schedule=SyncSchedule(SyncEvery(row["sync_every"]), time.fromisoformat(row["sync_at"])),
    )


def account_row(account: Account, version: int, cipher: Cipher) -> dict[str, Any]:
    """Spells an account as a row of ``accounts``, as :func:`server_row` does."""
    holder = account.holder
    row = {
        "id": account.provider.value,
        "client_id": account.client_id,
        "account_id": holder.account_id if holder else None,
        "username": holder.username if holder else "",
        "email": holder.email if holder else "",
        "token_state": account.token_state.value,
        "checked_at": account.checked_at,
        "version": version,
    }
    if account.secrets_lost:
        return row
    return {**row, "token": _sealed("accounts", account.provider.value, account.token, cipher)}


def readable_account(row: Row, cipher: Cipher) -> Account:
    """Reads an account; a token that does not open is lost, and nothing else is."""
    try:
        return account_from(row, cipher)
    except SecretUnreadable:
        return _account(row, "", secrets_lost=True)


def account_from(row: Row, cipher: Cipher) -> Account:
    """Reads an account.

    :raises SecretUnreadable: its token does not open.
    """
    return _account(row, _opened("accounts", row, cipher))


def _account(row: Row, token: str, *, secrets_lost: bool = False) -> Account:
    is_linked = row["account_id"] is not None
    return Account(
        provider=AccountProvider(row["id"]),
        client_id=row["client_id"],
        holder=Holder(row["account_id"], row["username"], row["email"]) if is_linked else None,
        token=token,
        token_state=TokenState(row["token_state"]),
        checked_at=moment_or_none(row["checked_at"]),
        version=row["version"],
        secrets_lost=secrets_lost,
    )


def sign_in_row(sign_in: SignIn, version: int) -> dict[str, Any]:
    """Spells a sign-in as a row of ``sign_ins``."""
    return {
        "id": sign_in.id,
        "owner": sign_in.owner,
        "purpose": sign_in.purpose.value,
        "expires_at": sign_in.expires_at,
        "state": sign_in.state.value,
        "asked_at": sign_in.asked_at,
        "asks": sign_in.asks,
        "account_id": sign_in.account_id,
        "version": version,
    }


def sign_in_from(row: Row) -> SignIn:
    """Reads a sign-in."""
    return SignIn(
        id=row["id"],
        owner=row["owner"],
        purpose=SignInPurpose(row["purpose"]),
        expires_at=moment(row["expires_at"]),
        state=SignInState(row["state"]),
        asked_at=moment_or_none(row["asked_at"]),
        asks=row["asks"],
        account_id=row["account_id"],
        version=row["version"],
    )


def machine_words(server: MediaServer) -> str:
    """Spells what two rows may not share, for the error about it."""
    return server.machine_id or server.id


def _sealed(table: str, row_id: str, token: str, cipher: Cipher) -> str:
    return cipher.encrypt(token, context=place(table, "token", row_id))


def _opened(table: str, row: Row, cipher: Cipher) -> str:
    return cipher.decrypt(row["token"], context=place(table, "token", row["id"]))
