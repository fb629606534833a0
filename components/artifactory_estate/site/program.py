"""A site from a few words of a user's own program: everything that is not said has the document's defaults."""

import re
from collections.abc import Mapping
from typing import Any

import pulumi
import pulumi_aws

from artifactory_estate.base import Refusal, Refused
from artifactory_estate.site.installation import Artifactory, Package
from artifactory_estate.site.model import ManagedSite, Nodes


def declared_site(
    url: str, nodes: int | Mapping[str, Any] | Nodes, licences: Any, account: str, region: str
) -> ManagedSite:
    """The document's `managed` site of these words; `nodes` may be their number alone. Raises `pydantic.ValidationError`."""
    words = {"count": nodes} if isinstance(nodes, int) else nodes.to_data() if isinstance(nodes, Nodes) else dict(nodes)
    aws = {"account": account, "region": region}
    return ManagedSite.from_data({"platform": "managed", "url": url, "nodes": words, "licences": licences, "aws": aws})


def declared_artifactory(package: Mapping[str, Any] | Package) -> Artifactory:
    """`package`, and its `version`: given beside its words, else the one that its file is named after. Raises `Refused`."""
    words = package.to_data() if isinstance(package, Package) else dict(package)
    given = words.pop("version", None)
    source = str(words.get("source"))
    version = given or next(iter(re.findall(r"[0-9]+\.[0-9]+\.[0-9]+", source.rsplit("/", 1)[-1])), None)
    if version is None:
        why = "files reference 4.4: packages are named by their version, jfrog-artifactory-pro-VERSION.rpm"
        raise Refused([Refusal(("package", "version"), f"missing, and {source} names none", why, "Add `version`.")])
    return Artifactory.from_data({"version": version, "package": words})


def default_estate() -> str:
    """The Pulumi project, as far as it may stand in AWS names and DNS."""
    return re.sub(r"^[^a-z]+|-+$", "", re.sub(r"[^a-z0-9-]+", "-", pulumi.get_project().lower())[:32])


def account_and_region(of: pulumi.Resource) -> tuple[str, str]:
    """Of the AWS provider that `of` hands to its children; asked at once, in a preview too."""
    opts = pulumi.InvokeOptions(parent=of)
    return pulumi_aws.get_caller_identity(opts=opts).account_id, pulumi_aws.get_region(opts=opts).region
