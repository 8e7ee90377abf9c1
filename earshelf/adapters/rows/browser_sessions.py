"""Browsers' sessions as rows."""

from typing import Any

from earshelf.adapters.rows.values import Row, moment
from earshelf.domain.browser_sessions import BrowserSession

SESSION = "session"
ONE = "SELECT * FROM browser_sessions WHERE id = ?"
TOUCH = "UPDATE browser_sessions SET seen_at = ? WHERE id = ?"
REMOVE = "DELETE FROM browser_sessions WHERE id = ?"
REMOVE_OF = "DELETE FROM browser_sessions WHERE account_id = ?"
CLEAR = "DELETE FROM browser_sessions"
FORGET = "DELETE FROM browser_sessions WHERE begun_at < ? OR seen_at < ?"


def session_row(session: BrowserSession) -> dict[str, Any]:
    """Spells a session as a row of ``browser_sessions``."""
    return {
        "id": session.id,
        "bond": session.bond,
        "account_id": session.account_id,
        "begun_at": session.begun_at,
        "seen_at": session.seen_at,
    }


def session_from(row: Row) -> BrowserSession:
    """Reads a session."""
    return BrowserSession(
        id=row["id"],
        bond=row["bond"],
        begun_at=moment(row["begun_at"]),
        seen_at=moment(row["seen_at"]),
        account_id=row["account_id"],
    )
