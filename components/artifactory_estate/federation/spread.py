"""Waits, with a bound, for the servers' own propagation of a configuration, and helps where it stopped."""

import time
from collections.abc import Mapping, Sequence

from artifactory_estate.federation.form import Wanted
from artifactory_estate.federation.survey import configurations
from artifactory_estate.rest import Platform, RestError, federation, repositories
from artifactory_estate.rest.repositories import Configuration

BOUND_S = 40.0
"""A propagated configuration takes a second or two; the content's full sync is not waited for."""
NUDGE_AFTER_S = 5.0
_PAUSE_S = 0.5

All = Mapping[str, Wanted]
"""By key."""


def settle(wanted: All, homes: Mapping[str, str], platforms: Mapping[str, Platform]) -> Sequence[str]:
    """Every member comes to show every configuration; what does not within `BOUND_S` is said in sentences.

    After a while the home pushes its configuration once more (`configSync`, 3.2), and a member that shows another list
    of members than the home is written directly.
    """
    end, nudged = time.monotonic() + BOUND_S, False
    nudge_at = time.monotonic() + NUDGE_AFTER_S
    while True:
        late = behind(wanted, configurations(platforms))
        if not late or time.monotonic() >= end:
            return [f"{site} does not show {key} as {homes[key]} has it" for site, key in late]
        if not nudged and time.monotonic() >= nudge_at:
            _nudge(late, wanted, homes, platforms)
            nudged = True
        time.sleep(_PAUSE_S)


def behind(wanted: All, found: Mapping[str, Mapping[str, Configuration]]) -> list[tuple[str, str]]:
    """Site and key of everything that is not there as it is wanted, of what the servers propagate."""
    return [
        (site, key)
        for site in sorted(found)
        for key, want in sorted(wanted.items())
        if not want.shown_by(found[site].get(key))
    ]


def write_site_local(wanted: All, platforms: Mapping[str, Platform]) -> None:
    """The settings that never propagate, at each member where they differ: 1 request a site that has any."""
    found = configurations(platforms)
    for site, platform in platforms.items():
        changes = [
            {"key": key, "rclass": "federated", "packageType": want.form.package_type, **local}
            for key, want in wanted.items()
            if key in found[site] and (local := want.site_local(found[site][key]))
        ]
        for start in range(0, len(changes), repositories.BATCH):
            repositories.update(platform, changes[start : start + repositories.BATCH])


def _nudge(
    late: Sequence[tuple[str, str]], wanted: All, homes: Mapping[str, str], platforms: Mapping[str, Platform]
) -> None:
    for key in sorted({key for _, key in late}):
        try:
            federation.config_sync(platforms[homes[key]], key)
        except RestError:
            continue  # what it was to mend is said when the bound is reached
    found = configurations(platforms)
    for site, key in late:
        if site != homes[key] and key in found[site]:
            repositories.update(platforms[site], [wanted[key].identity])
