"""Which stacks an estate has, in which order, and the slice of the document that each one takes (design 3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from artifactory_estate.base import EstateError
from artifactory_estate.estate.model import Estate

Kind = Literal["site", "trust", "federation", "disaster_recovery"]

_PREFIX = {"federation": "federation-", "disaster_recovery": "dr-"}


@dataclass(frozen=True)
class Stack:
    """One Pulumi stack."""

    name: str
    """`<site>`, `trust`, `federation-<name>` or `dr-<name>`."""
    kind: Kind
    of: str
    """The site's, federation's or pair's own name; of the document's trust, `trust`."""
    sites: Sequence[str]
    """The sites whose credentials it needs; nothing else of the estate has to be up."""
    depends_on: Sequence[str] = ()
    """Stacks that have to be done before its first run."""


@dataclass(frozen=True)
class Slice:
    """What one stack works from."""

    stack: Stack
    estate: Estate
    """The estate cut down. For a site: the federations it is a member of and its pair, for what they ask of it, and the
    other sites that it has to do with. For a federation or pair: it alone and its sites. Rules were judged on the whole."""


class UnknownStack(EstateError):
    """No stack has that name; the text lists those that there are."""


def stacks_of(estate: Estate) -> list[Stack]:
    """Sites first, each after the one whose bucket it copies into; then the document's trust, federations after their
    members, pairs after their two sites."""
    sites = [
        Stack(name, "site", name, (name, *_targets(estate, name)), tuple(_copies(estate, name)))
        for name in sorted(estate.sites, key=lambda name: _copies_away(estate, name))
    ]
    ends = tuple(dict.fromkeys(site for edge in estate.trust.edges for site in edge.between))
    trust = [Stack("trust", "trust", "trust", ends, ends)] if ends else []
    federations = [
        _across("federation", name, tuple(federation.members)) for name, federation in estate.federations.items()
    ]
    pairs = [_across("disaster_recovery", name, pair.sides) for name, pair in estate.disaster_recovery.items()]
    return [*sites, *trust, *federations, *pairs]


def slice_of(estate: Estate, name: str) -> Slice:
    """The slice of the stack called `name`. Raises `UnknownStack`."""
    stacks = stacks_of(estate)
    stack = next((stack for stack in stacks if stack.name == name), None)
    if stack is None:
        raise UnknownStack(f"there is no stack {name}; there are {', '.join(each.name for each in stacks) or 'none'}")
    return Slice(stack, _cut(estate, stack))


def _targets(estate: Estate, site: str) -> list[str]:
    """The sites that it pushes to: tokens for its replications are made there. And the one that its bucket is copied to."""
    pushes = estate.sites[site].replications.push.values()
    return sorted({*(target for push in pushes for target in push.targets), *_copies(estate, site)} - {site})


def _copies(estate: Estate, site: str) -> list[str]:
    """The site whose bucket has to be there first, since this one's is copied into it."""
    declared = estate.managed_sites.get(site)
    to = declared.filestore.bucket.replicate_to if declared else None
    return [to] if to and to in estate.sites else []


def _copies_away(estate: Estate, site: str) -> int:
    """How many copies follow one another from here; a document whose copies go in a circle is refused."""
    at, count = site, 0
    while count <= len(estate.sites) and (next_one := _copies(estate, at)):
        at, count = next_one[0], count + 1
    return count


def _across(kind: Literal["federation", "disaster_recovery"], name: str, sites: tuple[str, ...]) -> Stack:
    return Stack(f"{_PREFIX[kind]}{name}", kind, name, sites, sites)


def _cut(estate: Estate, stack: Stack) -> Estate:
    sites = set(stack.sites)
    if stack.kind == "site":
        pair = estate.pair_of(stack.of)
        federations, pairs = estate.federations_of(stack.of), dict([pair] if pair else [])
        sites |= estate.replicates_to(stack.of).union(*(federation.members for federation in federations.values()))
    elif stack.kind == "federation":
        federations, pairs = {stack.of: estate.federations[stack.of]}, {}
    elif stack.kind == "disaster_recovery":
        federations, pairs = {}, {stack.of: estate.disaster_recovery[stack.of]}
    else:
        federations, pairs = {}, {}
    return estate.model_copy(
        update={
            "sites": {name: site for name, site in estate.sites.items() if name in sites},
            "federations": federations,
            "disaster_recovery": pairs,
        }
    )
