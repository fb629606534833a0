"""The journal of a disaster-recovery pair: one small object in each side's bucket, changed by compare-and-set only."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from artifactory_estate.base import EstateError, Model
from artifactory_estate.cloud.session import client


class JournalUnavailable(EstateError):
    """The bucket, its region or our way to it is gone. A write may have been carried out."""


class JournalChanged(EstateError):
    """Somebody else wrote since we read: read again and decide again."""


class Place(Model):
    """Where one side's journal is kept."""

    bucket: str
    """The site's bucket."""
    region: str
    """Of the bucket, of the traffic switch's metric, and of the site."""
    role: str | None = None
    """Assumed to read and write there."""


class Evidence(Model):
    """That everything at one site was at the other, at one moment."""

    source: str
    """Site that served."""
    standby: str
    """Site that had all of it."""
    at: str
    """ISO 8601, UTC: every change made before is at the standby."""
    repositories: int
    """How many were looked at."""


class Journal(Model):
    """Who serves, since when and why; and the last proof of protection."""

    serving: str
    """Site."""
    epoch: int
    """Grows with every change of `serving`."""
    since: str
    """ISO 8601, UTC."""
    reason: str
    """Why it serves: `first`, `proof of …`, or the accepted loss."""
    evidence: Evidence | None = None
    """The newest proof of protection in the direction that this epoch has."""
    rested_on: Evidence | None = None
    """The proof that the change to this epoch rested on; None: it was the first, or a loss was accepted."""


@dataclass(frozen=True)
class Version:
    """What was read, for the compare-and-set."""

    journal: Journal | None
    etag: str | None


def read(place: Place, pair: str) -> Version:
    """The journal there; one attempt of a few seconds. Raises `JournalUnavailable`."""
    try:
        answer = _s3(place).get_object(Bucket=place.bucket, Key=_key(pair))
        data = json.loads(answer["Body"].read())
    except ClientError as error:
        if error.response["Error"]["Code"] in {"NoSuchKey", "404"}:
            return Version(None, None)
        raise _unavailable(place, error) from None
    except (BotoCoreError, OSError) as error:
        raise _unavailable(place, error) from None
    return Version(Journal.from_data(data), str(answer["ETag"]))


def write(place: Place, pair: str, journal: Journal, after: Version) -> Version:
    """Put `journal` in the place of what `after` read.

    Raises `JournalChanged` when it is no longer what was read, `JournalUnavailable` when the bucket does not answer.
    """
    condition: dict[str, Any] = {"IfMatch": after.etag} if after.etag else {"IfNoneMatch": "*"}
    body = json.dumps(journal.to_data(), indent=1).encode()
    try:
        answer = _s3(place).put_object(
            Bucket=place.bucket, Key=_key(pair), Body=body, ContentType="application/json", **condition
        )
    except ClientError as error:
        if error.response["Error"]["Code"] in {"PreconditionFailed", "ConditionalRequestConflict", "412", "409"}:
            raise JournalChanged(
                f"{_where(place, pair)} was written by somebody else meanwhile: run it again"
            ) from None
        raise _unavailable(place, error) from None
    except (BotoCoreError, OSError) as error:
        raise _unavailable(place, error) from None
    return Version(journal, str(answer["ETag"]))


def delete(place: Place, pair: str) -> None:
    """Gone already is success. Raises `JournalUnavailable`."""
    try:
        _s3(place).delete_object(Bucket=place.bucket, Key=_key(pair))
    except (ClientError, BotoCoreError, OSError) as error:
        if isinstance(error, ClientError) and error.response["Error"]["Code"] == "NoSuchBucket":
            return
        raise _unavailable(place, error) from None


def moment(text: str) -> datetime:
    """A journal's time."""
    return datetime.fromisoformat(text)


def _s3(place: Place) -> Any:
    return client("s3", region=place.region, role=place.role, quick=True)


def _key(pair: str) -> str:
    return f"disaster-recovery/{pair}.json"


def _where(place: Place, pair: str) -> str:
    return f"the journal s3://{place.bucket}/{_key(pair)} in {place.region}"


def _unavailable(place: Place, error: Exception) -> JournalUnavailable:
    words = error.response["Error"].get("Code", "?") if isinstance(error, ClientError) else type(error).__name__
    return JournalUnavailable(f"the bucket {place.bucket} in {place.region} does not answer ({words})")
