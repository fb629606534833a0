"""Status as tables."""

from collections.abc import Iterator

from rich.console import Console
from rich.table import Table

from artifactory_estate.operations.federations import FederationStatus
from artifactory_estate.operations.pairs import PairStatus
from artifactory_estate.operations.status import EstateStatus, NodeStatus, SiteStatus

_GOOD = {"serving", "healthy", "protected", "activated"}


def print_status(console: Console, status: EstateStatus) -> None:
    """Sites, federations, pairs as tables of short words; whatever needs a sentence stands below its table."""
    _print(
        console,
        f"estate {status.estate}: sites",
        ("site", "state", "version", "nodes", "licences", "repositories"),
        [_site(site) for site in status.sites],
        [sentence for site in status.sites for sentence in _about_site(site)],
    )
    _print(
        console,
        "nodes",
        ("site", "node", "zone", "state", "slowest way to another"),
        [_node(site, node) for site in status.sites for node in site.nodes if node.zone],
        [f"{site.name}: {sentence}" for site in status.sites for sentence in site.warnings],
    )
    _print(
        console,
        "federations",
        ("federation", "state", "connections", "queued", "lag"),
        [_federation(each) for each in status.federations],
        [f"{each.name}: {sentence}" for each in status.federations for sentence in each.deferred],
    )
    _print(
        console,
        "disaster recovery",
        ("pair", "serving", "epoch", "phase", "repositories behind"),
        [_pair(each) for each in status.pairs],
        [sentence for each in status.pairs for sentence in _about_pair(each)],
    )


def _print(
    console: Console, title: str, headings: tuple[str, ...], rows: list[tuple[str, ...]], below: list[str]
) -> None:
    if rows:
        console.print(_table(title, headings, rows))
    for sentence in below:
        console.print(sentence, highlight=False, soft_wrap=True, markup=False)


def _table(title: str, headings: tuple[str, ...], rows: list[tuple[str, ...]]) -> Table:
    table = Table(title=title, title_justify="left")
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*row)
    return table


def _site(site: SiteStatus) -> tuple[str, ...]:
    in_use = sum(bool(licence.node) and licence.node != "Not in use" for licence in site.licences)
    expired = sum(licence.expired for licence in site.licences)
    licences = f"{in_use} of {len(site.licences)}" + (f", [red]{expired} expired[/]" if expired else "")
    serving = sum(node.serving for node in site.nodes)
    zones = {node.zone for node in site.nodes if node.zone}
    spread = f" in {len(zones)} zone{'' if len(zones) == 1 else 's'}" if zones else ""
    return (
        site.name,
        _coloured(_word(site)),
        site.version,
        f"{serving} of {len(site.nodes)}{spread}" if site.nodes else "",
        licences if site.licences else "",
        ", ".join(f"{count} {kind}" for kind, count in site.repositories.items()),
    )


def _node(site: SiteStatus, node: NodeStatus) -> tuple[str, ...]:
    ways = {other: milliseconds for other, milliseconds in node.latency_ms.items() if milliseconds is not None}
    slowest = max(ways, key=lambda other: ways[other], default="")
    state = "serving" if node.serving else "away"
    return site.name, node.name, node.zone, _coloured(state), f"{ways[slowest]} ms to {slowest}" if slowest else ""


def _word(site: SiteStatus) -> str:
    return site.state if site.state == "serving" else site.state.split(":")[0] if "left alone" in site.state else "away"


def _about_site(site: SiteStatus) -> Iterator[str]:
    if site.state != "serving":
        yield f"{site.name}: {site.state}"
    for node in site.nodes:
        if not node.serving:
            yield f"{site.name}: node {node.name} {node.state}"


def _federation(federation: FederationStatus) -> tuple[str, ...]:
    states = [each.state for each in federation.connections]
    lag = max((each.lag_ms for each in federation.connections), default=0)
    return (
        federation.name,
        _coloured(federation.state),
        ", ".join(f"{states.count(state)} {state}" for state in dict.fromkeys(states)),
        str(sum(each.queued for each in federation.connections)),
        f"{lag / 1000:.1f} s",
    )


def _pair(pair: PairStatus) -> tuple[str, ...]:
    behind = f"{len(pair.behind)} of {pair.repositories}" if pair.repositories else ""
    return (pair.name, pair.serving, str(pair.epoch), _coloured(pair.phase), behind)


def _about_pair(pair: PairStatus) -> Iterator[str]:
    yield f"{pair.name}: proof of protection: {pair.evidence or 'none'}"
    yield f"{pair.name}: may be lost: {pair.loss_bound}"
    for sentence in (*pair.behind, *pair.pending):
        yield f"{pair.name}: {sentence}"


def _coloured(state: str) -> str:
    plain = state.replace("[", "\\[")
    return f"[green]{plain}[/]" if state in _GOOD else f"[yellow]{plain}[/]"
