"""One pair."""

from dataclasses import replace

import pulumi

from artifactory_estate.disaster_recovery.component import DisasterRecoveryPair
from artifactory_estate.disaster_recovery.declare import End
from artifactory_estate.estate.ends import end_of
from artifactory_estate.estate.model import Estate
from kinds.aws_account import unasking_aws_provider


def make(estate: Estate, name: str) -> None:
    """The stack `dr-<name>`."""
    declared = estate.disaster_recovery[name]
    master, target = (_with_provider(estate, site, declared.serving) for site in (declared.master, declared.target))
    made = DisasterRecoveryPair(name, estate.estate, declared, master, target, estate.tags)
    pulumi.export("pending", made.observed.apply(lambda observed: observed["pending"]))


def _with_provider(estate: Estate, site: str, serving: str) -> End:
    where, alive = estate.sites[site].aws, estate.sites[serving].aws
    end = end_of(estate, site)
    return replace(end, provider=unasking_aws_provider(f"{site}-aws", where, alive.region)) if where and alive else end
