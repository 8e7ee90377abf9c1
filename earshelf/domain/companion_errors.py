"""Errors of the Plex companion alone."""

from earshelf.domain.errors import Invalid, NotFound


class OtherMachine(Invalid):
    """Another server answers than the one that is meant; it was not shown the token."""

    code = "other_machine"


class NoLinkedAccount(NotFound):
    """The linked account was asked for, and nobody signed in."""

    code = "no_linked_account"

    def __init__(self, provider: str) -> None:
        super().__init__("linked account", provider)
        self.message = f"No {provider} account is linked; sign in with {provider} first"
