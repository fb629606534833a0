"""Every name that a site's things have on AWS, computed from the document alone.

No stack needs another's outputs to find a site: its bucket, its secrets and its load balancer are where this module says.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from artifactory_estate.site.model import Aws, Site

ESTATE_TAG = "artifactory-estate"
SITE_TAG = "artifactory-estate-site"


@dataclass(frozen=True)
class SiteNames:
    """Names of one site, `acme` and `us-east` in the examples."""

    estate: str
    site: str
    account: str
    region: str
    role: str | None = None
    """The role that reads this site's secrets."""

    @property
    def prefix(self) -> str:
        """`acme-us-east`."""
        return f"{self.estate}-{self.site}"

    @property
    def filestore_bucket(self) -> str:
        """`acme-us-east-filestore-123456789012`, at most 63 characters."""
        return shortened(f"{self.prefix}-filestore-{self.account}", 63)

    @property
    def site_bucket(self) -> str:
        """`acme-us-east-site-123456789012`: bundles, boot lock, packages, a DR pair's journal."""
        return shortened(f"{self.prefix}-site-{self.account}", 63)

    def short(self, suffix: str) -> str:
        """`acme-us-east-<suffix>` in the 32 characters of a load balancer's or target group's name."""
        return f"{shortened(self.prefix, 31 - len(suffix))}-{suffix}"

    @property
    def database(self) -> str:
        """`acme-us-east`, at most 60 characters, since an Aurora member's `-16` goes after it into RDS's 63; RDS takes no
        two dashes in a row."""
        return re.sub("-{2,}", "-", shortened(self.prefix, 60))

    @property
    def group(self) -> str:
        """`acme-us-east-nodes`: the Auto Scaling group."""
        return f"{self.prefix}-nodes"

    @property
    def fronts(self) -> str:
        """`acme-us-east-fronts`: the Auto Scaling group of web servers that stand in front of the nodes."""
        return f"{self.prefix}-fronts"

    def secret(self, name: str) -> str:
        """`acme/us-east/<name>`: admin-password, master-key, join-key, database-password, licences, admin-token."""
        return f"{self.secret_prefix}/{name}"

    @property
    def secret_prefix(self) -> str:
        """`acme/us-east`."""
        return f"{self.estate}/{self.site}"

    @property
    def key_alias(self) -> str:
        """`alias/acme-us-east`: the site's own key, before its id is known."""
        return f"alias/{self.prefix}"

    def log_group(self, what: str) -> str:
        """`/artifactory/acme-us-east/<what>`: nodes, network."""
        return f"/artifactory/{self.prefix}/{what}"

    def secret_ref(self, name: str) -> str:
        """The reference by which a lifecycle reads the secret, with region and role."""
        role = f"&role={self.role}" if self.role else ""
        return f"aws-secretsmanager:{self.secret(name)}?region={self.region}{role}"

    @property
    def partition(self) -> str:
        """`aws`, `aws-cn` or `aws-us-gov`: the second field of an ARN."""
        if self.region.startswith("cn-"):
            return "aws-cn"
        return "aws-us-gov" if self.region.startswith("us-gov-") else "aws"

    def arn(self, service: str, resource: str, *, regional: bool = True) -> str:
        """`arn:aws:<service>:<region>:<account>:<resource>`; not regional: S3's form without region and account."""
        where = f"{self.region}:{self.account}" if regional else ":"
        return f"arn:{self.partition}:{service}:{where}:{resource}"

    def tags(self, *more: Mapping[str, str]) -> dict[str, str]:
        """The estate's tags and `more`; the estate's win."""
        own = {ESTATE_TAG: self.estate, SITE_TAG: self.site}
        return {key: value for tags in (*more, own) for key, value in tags.items()}


def names_of(estate: str, site: str, aws: Aws) -> SiteNames:
    """Names of the site `site` of the estate `estate`."""
    return SiteNames(estate, site, aws.account, aws.region, aws.assume_role)


def join_key_name(generation: int) -> str:
    """The secret of the join key of that generation: each is made once, so that going back is possible.

    >>> join_key_name(1), join_key_name(2)
    ('join-key', 'join-key-2')
    """
    return "join-key" if generation == 1 else f"join-key-{generation}"


def host_of(site: Site) -> str:
    """Host name of the site's URL."""
    return urlsplit(site.url).hostname or ""


def zone_of(host: str, zone: str | None = None) -> str | None:
    """The hosted zone that `host` is in: `zone`, or the last two labels; None when `zone` is `none`.

    >>> zone_of("us-east.repo.acme.example"), zone_of("a.b.example", "b.example"), zone_of("a.b.example", "none")
    ('acme.example', 'b.example', None)
    """
    if zone == "none":
        return None
    return zone or ".".join(host.split(".")[-2:])


def shortened(name: str, limit: int) -> str:
    """`name`, or its beginning and six digits of its hash when it is longer than `limit`.

    >>> shortened("acme-us-east", 32), len(shortened("a" * 40, 32))
    ('acme-us-east', 32)
    """
    if len(name) <= limit:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:6]
    return f"{re.sub(r'-+$', '', name[: limit - 7])}-{digest}"
