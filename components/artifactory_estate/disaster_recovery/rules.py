"""What a disaster-recovery pair may not be."""

from collections.abc import Iterator

from artifactory_estate.base import Refusal
from artifactory_estate.disaster_recovery import service_rules, survival_rules
from artifactory_estate.disaster_recovery.model import DisasterRecovery
from artifactory_estate.estate.model import Estate
from artifactory_estate.site.model import ExternalSite

_WITHOUT_DR = ((6, 1), (6, 3))


def refusals(estate: Estate) -> Iterator[Refusal]:
    """Every contradiction of every pair."""
    for name, pair in estate.disaster_recovery.items():
        path = ("disaster_recovery", name)
        yield from _sides(estate, pair, path)
        yield from _numbers(pair, path)
        if all(side in estate.sites for side in pair.sides):
            yield from _versions(estate, pair, path)
            yield from _places(estate, pair, path)
            yield from _target_is_the_pairs(estate, name, pair)
            yield from _own_replications(estate, name, pair)
            yield from service_rules.refusals(estate, name, pair)
            yield from survival_rules.refusals(estate, name, pair)
    yield from _one_to_one(estate)
    yield from service_rules.shared_names(estate)


def _sides(estate: Estate, pair: DisasterRecovery, path: tuple[str, ...]) -> Iterator[Refusal]:
    for key, site in (("master", pair.master), ("target", pair.target), ("serving", pair.serving)):
        if site not in estate.sites:
            yield Refusal((*path, key), f"there is no site {site}", f"sites: {', '.join(estate.sites)}")
    if pair.master == pair.target:
        yield Refusal(
            (*path, "target"), f"{pair.target} is the master", "seed 000: the target stands in for another site"
        )
    if pair.serving in estate.sites and pair.serving not in pair.sides:
        why = f"one of the pair serves: {pair.master} or {pair.target}"
        yield Refusal((*path, "serving"), f"{pair.serving} is not in the pair", why)


def _numbers(pair: DisasterRecovery, path: tuple[str, ...]) -> Iterator[Refusal]:
    for key in ("rpo", "rto"):
        if getattr(pair.objectives, key) == 0:
            why = "synchronisation takes time, and so does a failover"
            yield Refusal((*path, "objectives", key), "0s cannot be kept", why)
    if pair.accept_data_loss is not None and not pair.accept_data_loss.strip():
        why = "design 3: the reason is journalled with the failover"
        yield Refusal(
            (*path, "accept_data_loss"), "an empty reason", why, "Say why a loss is accepted, or remove the key."
        )


def _versions(estate: Estate, pair: DisasterRecovery, path: tuple[str, ...]) -> Iterator[Refusal]:
    """Of managed sides; an external side's is asked at `estate preview`."""
    chosen = {key: estate.artifactory_of(site) for key, site in (("master", pair.master), ("target", pair.target))}
    known = {key: artifactory for key, artifactory in chosen.items() if artifactory}
    if len({artifactory.version for artifactory in known.values()}) > 1:
        found = f"{known['target'].version}, and the master has {known['master'].version}"
        yield Refusal((*path, "target"), found, "seed 000: master and target run the same version of Artifactory")
    for key, artifactory in known.items():
        if artifactory.release[:2] in _WITHOUT_DR:
            why = "seed 000: disaster recovery cannot be executed with Artifactory 6.1 and 6.3"
            yield Refusal((*path, key), f"{getattr(pair, key)} has {artifactory.version}", why, "Upgrade it first.")


def _places(estate: Estate, pair: DisasterRecovery, path: tuple[str, ...]) -> Iterator[Refusal]:
    for key, name in (("master", pair.master), ("target", pair.target)):
        site = estate.sites[name]
        if isinstance(site, ExternalSite) and site.aws is None:
            why = f"the pair's journal is kept in each side's region: sites.{name}.aws is missing"
            yield Refusal((*path, key), f"{name} has no region", why)
    regions = [site.aws.region for name in pair.sides if (site := estate.sites[name]).aws]
    if pair.master != pair.target and len(regions) == 2 and regions[0] == regions[1]:
        why = "a target survives what takes the master away, its region too"
        yield Refusal((*path, "target"), f"both sides are in {regions[0]}", why)


def _target_is_the_pairs(estate: Estate, name: str, pair: DisasterRecovery) -> Iterator[Refusal]:
    repositories = estate.sites[pair.target].repositories
    for kind, group in (
        ("local", repositories.local),
        ("remote", repositories.remote),
        ("virtual", repositories.virtual),
    ):
        if group and pair.master != pair.target:
            found = f"{len(group)} repositories at the target of the pair {name}"
            why = "design 3: the pair owns a target's repositories, copied from the master"
            yield Refusal(("sites", pair.target, "repositories", kind), found, why, f"Declare them at {pair.master}.")


def _own_replications(estate: Estate, name: str, pair: DisasterRecovery) -> Iterator[Refusal]:
    for key, push in estate.sites[pair.master].replications.push.items():
        if pair.target in push.targets:
            path = ("sites", pair.master, "replications", "push", key, "targets", push.targets.index(pair.target))
            yield Refusal(
                path, f"{pair.target} is the target of the pair {name}", "design 3: a pair makes its own replications"
            )


def _one_to_one(estate: Estate) -> Iterator[Refusal]:
    first: dict[str, str] = {}
    for name, pair in estate.disaster_recovery.items():
        for key, site in (("master", pair.master), ("target", pair.target)):
            if (other := first.setdefault(site, name)) != name:
                why = "seed 000, limitation 3: one master, one target, one to one"
                yield Refusal(("disaster_recovery", name, key), f"{site} is in the pair {other} already", why)
