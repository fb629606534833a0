"""What may not be said of licences; what stands in them is looked at when the secrets can be read."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from artifactory_estate.base import Refusal
from artifactory_estate.estate.model import Estate
from artifactory_estate.site.model import BucketLicences, ManagedSite
from artifactory_estate.site.names import host_of

_ONE_NODE = "files reference 4.1: one licence a node, and no licence at two sites"


def refusals(estate: Estate) -> Iterator[Refusal]:
    """Of every managed site."""
    first: dict[str, str] = {}
    for name, site in estate.managed_sites.items():
        path = ("sites", name, "licences")
        if isinstance(site.licences, BucketLicences):
            yield from _bucket(estate, name, site, site.licences)
            continue
        references = site.licence_references
        if not references:
            yield Refusal(path, "an empty list", "files reference 4.4: one licence a node", "Name where they are.")
        for number, reference in enumerate(references):
            place = path if isinstance(site.licences, str) else (*path, number)
            if reference in references[:number]:
                yield Refusal(place, "the same reference twice", "REST reference 1.2: a licence serves one node")
            elif (other := first.setdefault(reference, name)) != name:
                yield Refusal(place, f"the same as {other}'s", _ONE_NODE)


def _bucket(estate: Estate, name: str, site: ManagedSite, declared: BucketLicences) -> Iterator[Refusal]:
    url, place = declared.bucket.url, ("sites", name, "licences", "bucket", "url")
    if found := re.search(r"/(mc|artifactory|ui)$", url):
        yield Refusal(place, f"{url} ends with {found[0]}", "the platform's URL is wanted", f"Leave {found[0]} out.")
    host = urlsplit(url).hostname
    if host == host_of(site):
        why = "REST reference 7.2: the bucket's licences come from a Mission Control that runs; this site's needs one first"
        yield Refusal(place, "the site's own", why, "Name the platform that holds your buckets.")
    for other, there in estate.sites.items():
        if other != name and host == host_of(there) and not there.available:
            why = "licences are acquired there when a node is added"
            yield Refusal(place, f"{other}'s, which is not available", why, f"Wait for {other}, or give a reference.")
