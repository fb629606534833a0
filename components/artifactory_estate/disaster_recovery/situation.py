"""Everything that a decision about a pair rests on, read afresh at the start of each operation."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property

from artifactory_estate.base import Refusal
from artifactory_estate.cloud.secrets import resolve
from artifactory_estate.disaster_recovery import decide, definitions, directions, journals
from artifactory_estate.disaster_recovery.decide import Look, Verdict
from artifactory_estate.disaster_recovery.declared import DeclaredPair, Phase
from artifactory_estate.disaster_recovery.definitions import Sides
from artifactory_estate.disaster_recovery.evidence import look_at
from artifactory_estate.disaster_recovery.journals import Journals
from artifactory_estate.rest import Platform, RestError, system
from artifactory_estate.rest.reach import Reach, reach


@dataclass(frozen=True)
class Situation:
    """A pair at one moment. What is asked of the servers besides is asked when it is first needed, once."""

    declared: DeclaredPair
    there: Reach
    journals: Journals
    at: datetime

    def with_journals(self, journals: Journals) -> "Situation":
        """The same after the journals were written; what was read of the servers is read again when needed."""
        return replace(self, journals=journals)

    @property
    def serving(self) -> Platform:
        """The site that serves, or is to. Asked for only when it answers."""
        return self.there.platforms[self.declared.serving]

    @property
    def standby(self) -> Platform | None:
        """The other one, when it answers."""
        return self.there.platforms.get(self.declared.standby)

    @cached_property
    def sides(self) -> Sides | None:
        """The repositories of both, when both answer."""
        if self.standby is None or self.declared.serving not in self.there.platforms:
            return None
        return definitions.read(
            self.serving,
            self.standby,
            self.declared.owner,
            sink_is_target=self.declared.standby == self.declared.target.site,
        )

    @cached_property
    def look(self) -> Look | None:
        """How far what the other site has is at the one that is to serve; None when it does not answer."""
        source = self.standby
        if source is None:
            return None
        try:
            return look_at(source, self.declared.serving, self.declared.connections[self.declared.serving].url)
        except RestError:
            return None  # it answered the ping and then no more

    def verdict(self) -> Verdict:
        """On the document's `serving` and `epoch`."""
        newest = self.journals.newest
        changes = newest is not None and newest.serving != self.declared.serving and self.declared.epoch > newest.epoch
        return decide.on_serving(self.declared, newest, self.look if changes else None, self.at)

    def refusals(self, *, taking_over: bool) -> list[Refusal]:
        """Those that need the servers or the journals."""
        declared, path = self.declared, decide.path(self.declared)
        found = []
        if declared.serving in self.there.away:
            found.append(
                Refusal((*path, "serving"), self.there.away[declared.serving], "it is the site that is to serve")
            )
        if declared.serving in self.journals.away and (taking_over or not self.journals.versions):
            found.append(
                Refusal(
                    (*path, "serving"),
                    self.journals.away[declared.serving],
                    "who serves is journalled there before anything else is done",
                )
            )
        if self.sides:
            found += decide.same_version(declared, self._versions())
            found += definitions.foreign(declared, self.sides)
        return found

    def direction(self, source: Platform, sink: str) -> directions.Direction:
        """The replications of one site towards the other, as they are now."""
        url, trusting = self.declared.connections[sink].url, self.declared.trusting
        return directions.read(source, sink, url, check_existence=sink in trusting)

    def phase(self, *, after: bool = False) -> Phase:
        """By what is seen here; `after`: the run has just made definitions and replications."""
        declared, newest, sides = self.declared, self.journals.newest, self.sides
        serving = declared.serving
        keys = sides.sent if sides else []
        entries = self.direction(self.serving, declared.standby).entries if sides else {}
        return decide.phase_of(
            decide.Facts(
                master_serves=serving == declared.master.site,
                definitions_missing=bool(sides and sides.missing) and not after,
                entries_missing=sides is None or any(key not in entries for key in keys),
                entries_enabled=all(entries[key].enabled for key in keys if key in entries),
                proven=decide.fresh(newest.evidence if newest else None, serving, declared.objectives.rpo, self.at),
            )
        )

    def _versions(self) -> dict[str, str]:
        return {site: str(system.version(platform)) for site, platform in self.there.platforms.items()}


def situation(declared: DeclaredPair) -> Situation:
    """Ask both sites and both journals, side by side; 10 s at most when one of them is dead."""
    with ThreadPoolExecutor(2) as pool:
        there = pool.submit(reach, declared.connections, resolve)
        found = pool.submit(journals.read, declared)
    return Situation(declared, there.result(), found.result(), datetime.now(UTC))
