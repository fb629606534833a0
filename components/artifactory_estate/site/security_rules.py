"""What would make a site less safe than it says."""

from collections.abc import Iterator

from artifactory_estate.base import Refusal
from artifactory_estate.estate.model import Estate
from artifactory_estate.site.model import ManagedSite
from artifactory_estate.site.names import names_of

_NO_BOUNDARY = "arn:aws:iam::aws:policy/AdministratorAccess"


def refusals(name: str, site: ManagedSite) -> Iterator[Refusal]:
    """Keys, roles and certificates of the site's own place."""
    yield from _key(name, site)
    yield from _roles(name, site)


def warnings(estate: Estate, name: str, site: ManagedSite) -> Iterator[Refusal]:
    """Nothing here stops a run."""
    del estate
    if site.url.startswith("http:") and not site.load_balancer.internal:
        why = "design 4: passwords and tokens cross the internet in clear"
        yield Refusal(("sites", name, "url"), f"{site.url}, and not internal", why, "Write https:// and a certificate.")


def _key(name: str, site: ManagedSite) -> Iterator[Refusal]:
    if not site.aws.kms_key:
        return
    path, (region, account) = ("sites", name, "aws", "kms_key"), site.aws.kms_key.split(":")[3:5]
    if region != site.aws.region:
        why = f"the site is in {site.aws.region}, and disks, buckets and databases take keys of their own region"
        yield Refusal(path, f"a key of {region}", why)
    if account != site.aws.account:
        why = f"the site's account is {site.aws.account}, which has to manage the key for Auto Scaling and RDS"
        yield Refusal(path, f"a key of the account {account}", why)


def _roles(name: str, site: ManagedSite) -> Iterator[Refusal]:
    partition = names_of("", name, site.aws).partition
    arns = {("aws", key): getattr(site.aws, key) for key in ("assume_role", "permissions_boundary", "kms_key")}
    arns["load_balancer", "certificate"] = site.load_balancer.certificate
    for key, arn in arns.items():
        if arn and arn.split(":")[1] != partition:
            found, why = f"an ARN of {arn.split(':')[1]}", f"{site.aws.region} is in {partition}"
            yield Refusal(("sites", name, *key), found, why)
    if site.aws.permissions_boundary == _NO_BOUNDARY:
        why = "a boundary is the most that a role may do"
        yield Refusal(("sites", name, "aws", "permissions_boundary"), "AdministratorAccess bounds nothing", why)
    role = site.aws.assume_role
    if role and ":role/aws-service-role/" in role:
        yield Refusal(("sites", name, "aws", "assume_role"), "a role of an AWS service", "only the service can take it")
