"""Status as tables."""

from collections.abc import Iterator

from rich.table import Table

from artifactory_estate.operations.federations import FederationStatus
from artifactory_estate.operations.pairs import PairStatus
from artifactory_estate.operations.status import EstateStatus, SiteStatus

_GOOD = {"serving", "healthy", "protected", "activated"}


def status_tables(status: EstateStatus) -> Iterator[Table]:
    """Sites, federations, pairs; each only where there are any."""
    yield _table(
        f"estate {status.estate}: sites",
        ("site", "state", "version", "nodes", "licences", "repositories"),
        [_site(site) for site in status.sites],
    )
    if status.federations:
        headings = ("federation", "state", "connections", "lag", "deferred")
        yield _table("federations", headings, [_federation(each) for each in status.federations])
    if status.pairs:
        columns = ("pair", "serving", "epoch", "phase", "evidence", "loss bound", "to do")
        yield _table("disaster recovery", columns, [_pair(each) for each in status.pairs])


def _table(title: str, headings: tuple[str, ...], rows: list[tuple[str, ...]]) -> Table:
    table = Table(title=title, title_justify="left")
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*row)
    return table


def _site(site: SiteStatus) -> tuple[str, ...]:
    nodes = "\n".join(
        f"{node.name} {_coloured(node.state.lower() if not node.serving else 'serving')}" for node in site.nodes
    )
    in_use = sum(bool(licence.node) and licence.node != "Not in use" for licence in site.licences)
    expired = sum(licence.expired for licence in site.licences)
    licences = f"{in_use} of {len(site.licences)} in use" + (f", [red]{expired} expired[/]" if expired else "")
    repositories = ", ".join(f"{count} {kind}" for kind, count in site.repositories.items())
    return (
        f"{site.name}\n[dim]{site.url}[/]",
        _coloured(site.state),
        site.version,
        nodes,
        licences if site.licences else "",
        repositories,
    )


def _federation(federation: FederationStatus) -> tuple[str, ...]:
    connections = "\n".join(
        f"{each.site} → {each.peer} {each.repository}: {_coloured(each.state)}" for each in federation.connections
    )
    lag = max((each.lag_ms for each in federation.connections), default=0)
    return (
        federation.name,
        _coloured(federation.state),
        connections,
        f"{lag / 1000:.1f} s",
        "\n".join(federation.deferred),
    )


def _pair(pair: PairStatus) -> tuple[str, ...]:
    return (
        pair.name,
        pair.serving,
        str(pair.epoch),
        _coloured(pair.phase),
        pair.evidence,
        pair.loss_bound,
        "\n".join(pair.pending),
    )


def _coloured(state: str) -> str:
    plain = state.replace("[", "\\[")
    return f"[green]{plain}[/]" if state in _GOOD else f"[yellow]{plain}[/]"
