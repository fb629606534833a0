"""The tokens that sending sites use at a receiving one: made there, sent straight to the sender, kept by nobody else."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from artifactory_estate.base import Owner
from artifactory_estate.rest import tokens
from artifactory_estate.rest.replications import Login
from artifactory_estate.rest.tokens import KnownToken
from artifactory_estate.rest.transport import Platform

USERNAME = "artifactory-estate"
"""Whom the receiver's logs show. The user need not exist; the token's scope is what counts."""
SCOPE = "applied-permissions/admin"
"""An administrator's: why nothing narrower stands in decision 0007."""
LIFE_S = 365 * 86400
RENEW_BEFORE = timedelta(days=60)


class Senders:
    """Logins of one sending site, by receiving site; a token is made when the first entry needs it, one a run.

    The owner's mark stands in the token's description, so that the next run knows which are its own.
    """

    def __init__(self, owner: Owner, source: str, receivers: Mapping[str, Platform]) -> None:
        self._owner = owner
        self._source = source
        self._receivers = receivers
        self._known: dict[str, Sequence[KnownToken]] = {}
        self._logins: dict[str, Login] = {}

    def login(self, receiver: str) -> Login:
        """This run's token at `receiver`."""
        if receiver not in self._logins:
            self.known(receiver)  # before there is a new one among them
            made = tokens.create(
                self._receivers[receiver],
                username=USERNAME,
                scope=SCOPE,
                expires_in_s=LIFE_S,
                description=f"{self._owner.text} {_purpose(self._source, receiver)}",
            )
            self._logins[receiver] = Login(USERNAME, made.value)
        return self._logins[receiver]

    def known(self, receiver: str) -> Sequence[KnownToken]:
        """Earlier runs' tokens at `receiver`. 1 request, once."""
        if receiver not in self._known:
            purpose = _purpose(self._source, receiver)
            self._known[receiver] = [
                token
                for token in tokens.known(self._receivers[receiver])
                if self._owner.marks(token.description) and purpose in token.description
            ]
        return self._known[receiver]

    def due(self, receiver: str) -> bool:
        """Whether every entry must get a new token: there is none of ours (expired, revoked), or one is about to end."""
        return not self.known(receiver) or self._near_end(receiver) is not None

    def why_due(self, receiver: str) -> str:
        """The same as a sentence; empty when it is not."""
        if not self.due(receiver):
            return ""
        ends = self._near_end(receiver)
        word = f"ends on {ends:%Y-%m-%d}" if ends else "is gone"
        return f"the token by which {self._source} sends to {receiver} {word}: renew it"

    def revoke_earlier(self, receiver: str) -> None:
        """End the tokens of earlier runs: nothing may use them any more."""
        for token in self.known(receiver):
            tokens.revoke(self._receivers[receiver], token.id)

    def _near_end(self, receiver: str) -> datetime | None:
        now = datetime.now(UTC)
        ends = (token.expires for token in self.known(receiver) if token.expires)
        return min((end for end in ends if end - now < RENEW_BEFORE), default=None)


def _purpose(source: str, receiver: str) -> str:
    return f"lets {source} send to {receiver}."
