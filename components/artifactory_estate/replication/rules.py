"""What a replication that a site's owner declares may not be."""

from collections.abc import Iterator

from artifactory_estate.base import DocumentPath, Refusal
from artifactory_estate.estate.model import Estate
from artifactory_estate.replication.cron import fault_of
from artifactory_estate.replication.model import Push
from artifactory_estate.repositories.rules import federated_at
from artifactory_estate.site.model import ExternalSite, Site


def refusals(estate: Estate) -> Iterator[Refusal]:
    """Every contradiction of every site's replications."""
    for name, site in estate.sites.items():
        path = ("sites", name, "replications")
        federated = federated_at(estate, name) if site.replications.push or site.replications.pull else {}
        for kind, group in (("push", site.replications.push), ("pull", site.replications.pull)):
            for key, replication in group.items():
                if fault := fault_of(replication.cron):
                    place = (*path, kind, key, "cron")
                    yield Refusal(
                        place,
                        f"{replication.cron}: {fault}",
                        "REST reference 9: a Quartz expression",
                        "Write 0 0 2 ? * *, for instance.",
                    )
                if key in federated:
                    why = "seed 003: a repository is federated or replicated, never both"
                    do = "Remove this replication: the federation already carries the artifacts."
                    yield Refusal((*path, kind, key), f"{key} is a repository of a federation", why, do)
        for key, push in site.replications.push.items():
            if key not in site.repositories.local and key not in federated:
                yield Refusal(
                    (*path, "push", key),
                    f"there is no local repository {key}",
                    "REST reference 5.1: push sends a local one",
                )
            yield from _targets(estate, name, key, push, (*path, "push", key, "targets"))
        for key in site.replications.pull:
            if key not in site.repositories.remote and key not in federated:
                yield Refusal(
                    (*path, "pull", key),
                    f"there is no remote repository {key}",
                    "REST reference 5.1: pull fills a remote one",
                )


def _targets(estate: Estate, name: str, key: str, push: Push, path: DocumentPath) -> Iterator[Refusal]:
    if not push.targets:
        yield Refusal(path, "no targets", "REST reference 5.1: a push goes somewhere")
    for index, to in enumerate(push.targets):
        place = (*path, index)
        target = estate.sites.get(to)
        if target is None:
            yield Refusal(place, f"there is no site {to}", f"sites: {', '.join(estate.sites)}")
        elif to == name:
            yield Refusal(place, f"{to} is the site itself", "a push goes to another site")
        elif to in push.targets[:index]:
            yield Refusal(place, f"{to} a second time", "one entry a target")
        else:
            yield from _receiving(estate, to, target, key, place)


def _receiving(estate: Estate, to: str, target: Site, key: str, place: DocumentPath) -> Iterator[Refusal]:
    if (pair := estate.pair_of(to)) and pair[1].target == to:
        why = f"design 3: {to} is the target of the pair {pair[0]}, which owns its repositories"
        yield Refusal(place, f"{to} takes no other replications", why)
    elif key not in target.repositories.local and not isinstance(target, ExternalSite):
        yield Refusal(place, f"{to} has no local repository {key}", "REST reference 5.1: it arrives under the same key")
