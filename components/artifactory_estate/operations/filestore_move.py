"""Moves a site's binaries from its former filestore to the one it declares, on its own nodes (decision 0012)."""

import shlex
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from artifactory_estate.base import EstateError
from artifactory_estate.base.templates import render
from artifactory_estate.cloud import documents
from artifactory_estate.cloud.node_commands import Group
from artifactory_estate.estate.model import Estate
from artifactory_estate.filestore.moves import JOURNAL, PREFIXES, Move, former_place, place_of
from artifactory_estate.filestore.traits import copies_of
from artifactory_estate.operations.filestore import managed_site
from artifactory_estate.site.model import ManagedSite
from artifactory_estate.site.names import SiteNames, names_of

AT_ONCE = 16
"""Prefixes in one command on a node, which has an hour."""

_ONE_AT_A_TIME = """\
mkdir -p "${ESTATE_ROOT:-}/run"
exec 8>"${ESTATE_ROOT:-}/run/artifactory-estate-move"
flock 8
"""
"""The command of a killed run goes on at its node: what copies there now ends first, or both would write one file."""

Run = Callable[[str, str], None]
"""Runs a script on a node; raises `NodeFailed`."""


def move(estate: Estate, name: str, tell: Callable[[Move, str], None], *, at_once: int = AT_ONCE) -> Move:
    """Copy every binary and verify it; safe to repeat and to kill. `tell` hears the journal and what is done now.

    A first pass copies, prefix by prefix, and is resumed where it stopped; a second looks at every prefix again, copies what
    was uploaded meanwhile, and when nothing is missing the chain may be switched (`copied`), or, once it is, the former
    filestore removed (`finished`). Raises `EstateError` for binaries that are damaged at the source or missing afterwards.
    """
    site = managed_site(estate, name)
    if site.filestore.move_from is None:
        raise EstateError(f"{name}: the document declares no filestore.move_from")
    names = names_of(estate.estate, name, site.aws)
    group = Group(names.group, names.region, names.role)
    nodes = group.nodes()
    if not nodes:
        raise EstateError(f"{name}: no node is in service, and binaries are moved by one")
    return _Mover(site, names, nodes, group.run, tell, at_once).move()


@dataclass
class _Mover:
    site: ManagedSite
    names: SiteNames
    nodes: Sequence[str]
    run: Run
    tell: Callable[[Move, str], None]
    at_once: int
    journal: Move = field(init=False)

    def __post_init__(self) -> None:
        source = former_place(self.site.filestore) or ""
        target = place_of(self.site.filestore, self.names.filestore_bucket)
        found = documents.read(self.names.site_bucket, JOURNAL, self.names.region, self.names.role)
        last = Move.from_data(found) if found else None
        same = last and (last.source, last.target) == (source, target)
        self.journal = last if last and same else Move(source=source, target=target)

    def move(self) -> Move:
        switched = bool(self.site.filestore.move_from and self.site.filestore.move_from.switch)
        if not switched:
            for prefixes in _chunks([one for one in PREFIXES if one not in self.journal.done], self.at_once):
                self._copy(prefixes, "copying")
                self._write(done=(*self.journal.done, *prefixes))
        self._write(damaged=())
        for prefixes in _chunks(PREFIXES, self.at_once):
            missing = self._copy(prefixes, "verifying")
            if missing:
                raise EstateError(
                    f"{self.names.site}: not at {self.journal.target} after copying: {', '.join(missing)}"
                )
        if damaged := self.journal.damaged:
            raise EstateError(
                f"{self.names.site}: damaged at {self.journal.source}, so not copied: {', '.join(sorted(damaged))}. "
                "Restore or delete them there, and run this again."
            )
        self._write(copied=True, finished=switched)
        return self.journal

    def _copy(self, prefixes: Sequence[str], doing: str) -> list[str]:
        """Copies what is not there yet; the names of what is missing afterwards."""
        missing: list[str] = []
        for node, mine in self._shares(prefixes):
            report = self._on(node, mine)
            missing += report["missing"]
            self._write(
                binaries=self.journal.binaries + report["copied"],
                size=self.journal.size + report["size"],
                damaged=tuple(dict.fromkeys((*self.journal.damaged, *report["damaged"]))),
            )
        self.tell(self.journal, f"{doing} {prefixes[0]} to {prefixes[-1]}")
        return missing

    def _shares(self, prefixes: Sequence[str]) -> Iterator[tuple[str, Sequence[str]]]:
        """Which node copies what: one does all; onto the nodes' own disks each prefix goes to as many as there are copies."""
        if self.site.filestore.kind != "cluster-file-system":
            yield self.nodes[0], prefixes
            return
        copies = copies_of(self.site.filestore, self.site.nodes.ceiling)
        for at, node in enumerate(self.nodes):
            mine = [one for one in prefixes if (at - int(one, 16)) % len(self.nodes) < copies]
            if mine:
                yield node, mine

    def _on(self, node: str, prefixes: Sequence[str]) -> dict[str, Any]:
        key = f"boot/move/{node}/{prefixes[0]}.json"  # of these folders, whichever of two runs asked for it
        target = self.journal.target.removeprefix("nodes:")
        words = [self.journal.source, target, f"s3://{self.names.site_bucket}/{key}", *prefixes]
        script = render("move-filestore.py.j2")
        before = f"export AWS_DEFAULT_REGION={self.names.region}\n{_ONE_AT_A_TIME}"
        self.run(node, f"{before}python3 - {shlex.join(words)} <<'PYTHON'\n{script}\nPYTHON\n")
        report = documents.read(self.names.site_bucket, key, self.names.region, self.names.role)
        if report is None:
            raise EstateError(f"{node}: the copy ended without a report at {key}")
        return report

    def _write(self, **changes: Any) -> None:
        self.journal = self.journal.model_copy(update=changes)
        documents.write(self.names.site_bucket, JOURNAL, self.journal.to_data(), self.names.region, self.names.role)


def _chunks(prefixes: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    for at in range(0, len(prefixes), size):
        yield prefixes[at : at + size]
