"""Licences of the sandbox: made by the control side, read by simulated nodes. They open nothing of JFrog's."""

import base64
import hashlib
import json
import secrets
import textwrap
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta


class InvalidLicence(ValueError):
    """The text is no licence of the sandbox."""


@dataclass(frozen=True, slots=True)
class Licence:
    """What a licence says; `valid_through` is a date such as `2030-01-31`, `serial` makes it one of a kind."""

    type: str
    valid_through: str
    licensed_to: str
    serial: str

    @property
    def text(self) -> str:
        """The block of lines that goes into `artifactory.cluster.license`."""
        body = json.dumps(asdict(self), sort_keys=True)
        sealed = f"{body}\n{_seal(body)}".encode()
        return "\n".join(textwrap.wrap(base64.b64encode(sealed).decode(), 76))

    @property
    def hash(self) -> str:
        """40 hex digits by which the API names it."""
        return hashlib.sha1(self.text.encode(), usedforsecurity=False).hexdigest()

    @property
    def shown_until(self) -> str:
        """`Jan 31, 2030`, as the API shows it (1.2)."""
        moment = datetime.fromisoformat(self.valid_through)
        return f"{moment:%b} {moment.day}, {moment:%Y}"

    def expired(self, milliseconds: int) -> bool:
        """Whether its last day is over at a moment."""
        end = datetime.fromisoformat(self.valid_through).replace(tzinfo=UTC) + timedelta(days=1)
        return milliseconds >= end.timestamp() * 1000


def make(
    count: int = 1, *, type: str = "Enterprise Plus", licensed_to: str = "Sandbox", days: int = 3650
) -> list[Licence]:
    """New licences, each for one node; a negative number of days makes expired ones."""
    until = (datetime.now(UTC) + timedelta(days=days)).date().isoformat()
    return [Licence(type, until, licensed_to, secrets.token_hex(8)) for _ in range(count)]


def file_text(licences: Iterable[Licence]) -> str:
    """The text of a licence file: blocks separated by an empty line."""
    return "\n\n".join(licence.text for licence in licences) + "\n"


def parse(text: str) -> Licence:
    """Reads one block, however its lines are broken."""
    try:
        body, _, seal = base64.b64decode("".join(text.split()), validate=True).decode().rpartition("\n")
        licence = Licence(**json.loads(body))
        datetime.fromisoformat(licence.valid_through)
    except (ValueError, TypeError) as error:
        raise InvalidLicence("Invalid Artifactory license.") from error
    if seal != _seal(body):
        raise InvalidLicence("Invalid Artifactory license.")
    return licence


def parse_file(text: str) -> list[Licence]:
    """Reads a licence file; raises at the first block that is no licence."""
    blocks = [block for block in text.replace("\r\n", "\n").split("\n\n") if block.strip()]
    return [parse(block) for block in blocks]


def _seal(body: str) -> str:
    return hashlib.sha256(b"artifactory sandbox licence\n" + body.encode()).hexdigest()[:16]
