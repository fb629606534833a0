"""Values behind references, and a keyed fingerprint to see that one has changed."""

import hashlib
import json
import os

from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError

from artifactory_estate.base import EstateError, ParsedReference
from artifactory_estate.base.project import in_project
from artifactory_estate.cloud.session import client


class SecretUnavailable(EstateError):
    """A reference that leads to nothing; the text names the reference, never a value."""


def resolve(reference: str) -> str:
    """The value behind `reference`, read now. Trailing newlines of a file are dropped.

    Raises `SecretUnavailable`.
    """
    parsed = ParsedReference(reference)
    if parsed.scheme == "env":
        value = os.environ.get(parsed.name, "")
    elif parsed.scheme == "file":
        value = _read_file(reference, parsed.name)
    else:
        value = _read_secrets_manager(reference, parsed)
    if not value:
        raise SecretUnavailable(f"{reference}: is empty or not set")
    return value


def _read_file(reference: str, name: str) -> str:
    try:
        return in_project(name).read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise SecretUnavailable(f"{reference}: cannot be read ({type(error).__name__})") from error


def _read_secrets_manager(reference: str, parsed: ParsedReference) -> str:
    try:
        secrets = client("secretsmanager", region=parsed.option("region"), role=parsed.option("role"))
        value = str(secrets.get_secret_value(SecretId=parsed.name)["SecretString"])
    except ClientError as error:
        said = error.response.get("Error", {})
        raise SecretUnavailable(
            f"{reference}: {_WORDS.get(said.get('Code', ''), said.get('Message', error))}"
        ) from error
    except (BotoCoreError, KeyError) as error:
        why = "Secrets Manager does not answer" if isinstance(error, HTTPClientError) else f"cannot be read ({error})"
        raise SecretUnavailable(f"{reference}: {why}") from error
    key = parsed.option("key")
    if not key:
        return value
    try:
        return str(json.loads(value)[key])
    except (ValueError, KeyError, TypeError) as error:
        raise SecretUnavailable(f"{reference}: the secret is not a JSON object with the key {key}") from error


_WORDS = {
    "ResourceNotFoundException": "there is no such secret (yet)",
    "InvalidRequestException": "the secret is scheduled for deletion",
    "AccessDeniedException": "we may not read it",
}


def fingerprint(value: str, key: str) -> str:
    """Eight digits that change when the value does, of no use to guess it: slow, keyed by `key` (the estate's and the
    resource's names), and short enough that many values share one."""
    return hashlib.scrypt(value.encode(), salt=key.encode(), n=1 << 12, r=8, p=1, dklen=4).hex()
