"""Calculate … Repository Metadata of the package types whose clients are not served: there is no index to write (12.3.2)."""

from collections.abc import Mapping
from functools import partial

from artifactory_sandbox.platform.packages.reindex import reindex
from artifactory_sandbox.platform.web import Answer, Call, Needs, Route

_ADDRESSES: Mapping[str, tuple[str, ...]] = {
    "rpm": ("yum/{repo}",),
    "nuget": ("nuget/{repo}/reindex",),
    "bower": ("bower/{repo}/reindex",),
    "gems": ("gems/{repo}/reindex",),
    "opkg": ("opkg/reindex/{repo}",),
    "cran": ("cran/reindex/{repo}",),
    "conda": ("conda/reindex/{repo}", "conda/{repo}/reindex"),
    "cargo": ("cargo/{repo}/reindex",),
    "chef": ("chef/{repo}/reindex",),
    "cocoapods": ("pods/{repo}/reindex",),
    "puppet": ("puppet/{repo}/reindex",),
}


def calculate(call: Call, kind: str) -> Answer:
    """For who may manage the repository; `async=0` waits, which a 200 tells."""
    said = f"Recalculating index for {kind} repository {call.args['repo']} scheduled to run."
    return reindex(call, kind, said, 202 if call.flag("async", default=True) else 200, note=False)


ROUTES = tuple(
    Route(
        "POST",
        f"/artifactory/api/{address}",
        "12.3.2",
        partial(calculate, kind=kind),
        Needs.USER,
        partly="no index is written",
    )
    for kind, addresses in _ADDRESSES.items()
    for address in addresses
)
