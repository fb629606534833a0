"""What artifactory.system.properties may hold (files reference 3): a wrong line is ignored by the server, silently."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from artifactory_estate.base import Refusal
from artifactory_estate.site.model import ManagedSite

Value = str | int | bool

_KEY = re.compile(r"artifactory(\.[A-Za-z0-9_-]+)+")


@dataclass(frozen=True)
class Number:
    """A whole number within bounds."""

    least: int = 1
    most: int | None = None

    def refuses(self, value: Value) -> str | None:
        """Why not, or None."""
        if isinstance(value, bool) or not re.fullmatch(r"-?[0-9]{1,18}", str(value)):
            return "a whole number is wanted"
        if int(value) < self.least:
            return f"at least {self.least}"
        return f"at most {self.most}" if self.most is not None and int(value) > self.most else None


class Truth:
    """True or false."""

    @staticmethod
    def refuses(value: Value) -> str | None:
        """Why not, or None."""
        return None if str(value).lower() in ("true", "false") else "true or false is wanted"


KNOWN: Mapping[str, Number | Truth] = {
    "artifactory.federated.mirror.events.upload.info.propagate.enabled": Truth(),
    "artifactory.oracle.node.events.sequence.is.no.cache": Truth(),
    "artifactory.events.log.cleanup.age.of.entries.to.discard.days": Number(),
    "artifactory.persistentQueue.trigger.number.of.threads": Number(),
    "artifactory.federated.mirror.events.bulk.max.pools": Number(most=5),
    "artifactory.federated.mirror.events.bulk.threadsPerPool": Number(most=5),
    "artifactory.federated.mirror.events.bulk.executor.poll.timeout.minutes": Number(),
    "artifactory.federated.mirror.events.bulk.fullSync.executor.wait.timeout.minutes": Number(),
    "artifactory.federated.mirror.events.bulk.fullSync.threadsPerPool": Number(),
    "artifactory.federated.mirror.events.batch.message.bulk.size": Number(),
    "artifactory.federated.bulk.properties.enabled": Truth(),
    "artifactory.full.sync.batch.retry.count": Number(least=0),
    "artifactory.full.sync.batch.retry.quiet.period.seconds": Number(least=0),
    "artifactory.auto.healing.job.interval.sec": Number(),
    "artifactory.federated.subsequent.event.grace.period": Number(least=0),
    "artifactory.federated.event.queue.max.error.retries": Number(),
    "artifactory.persistentQueue.max.lock.lease.time.minutes": Number(),
    "artifactory.reset.stale.full.sync.job.interval.min": Number(),
    "artifactory.reset.stale.full.sync.job.initial.delay.min": Number(least=0),
    "artifactory.federated.full.sync.use.aql": Truth(),
    "artifactory.federated.full.sync.paging.threshold": Number(),
    "artifactory.federated.full.sync.page.size": Number(),
    "artifactory.federated.full.sync.pages.per.file": Number(),
    "artifactory.federated.repo.full.sync.enabled.inMemorySorter": Truth(),
    "artifactory.federated.repo.full.sync.limit.entries.for.split": Number(),
    "artifactory.mirror.http.client.socket.timeout.mili": Number(),
    "artifactory.federated.metrics.enabled": Truth(),
    "artifactory.federated.metrics.sync.threshold.time.ms": Number(least=20000),
    "artifactory.federated.metrics.monitoring.interval.time.sec": Number(least=5),
    "artifactory.federated.metrics.exclude.disabled": Truth(),
    "artifactory.federated.metrics.enable.count.disabled.members": Truth(),
    "artifactory.federated.max.config.threads": Number(),
    "artifactory.federated.repo.max.total.http.connections": Number(),
    "artifactory.federated.repo.max.threads.percent": Number(most=100),
}
"""Properties whose type and range are known (3.2, 3.3). Any other one has to be well-formed only."""

_AQL = "artifactory.federated.full.sync.use.aql"
_SORTER = "artifactory.federated.repo.full.sync.enabled.inMemorySorter"
_ONLY_WITH = {
    "artifactory.federated.full.sync.paging.threshold": (_AQL, "false"),
    "artifactory.federated.full.sync.page.size": (_AQL, "false"),
    "artifactory.federated.full.sync.pages.per.file": (_AQL, "false"),
    "artifactory.federated.repo.full.sync.limit.entries.for.split": (_SORTER, "true"),
}
"""Checklist 7: a property that means something only beside another."""


def refusals(name: str, site: ManagedSite) -> Iterator[Refusal]:
    """Names, types, ranges, and properties that need another one."""
    properties = site.system_properties
    for key, value in properties.items():
        path = ("sites", name, "system_properties", key)
        if not key.startswith("artifactory."):
            why = "files reference 3.1: keys carry the prefix `artifactory.`"
            yield Refusal(path, f"the key {key} has no prefix", why, f"Write artifactory.{key}.")
        elif not _KEY.fullmatch(key):
            yield Refusal(path, "the key has a wrong form", "letters, digits, - and _, with dots between words")
        if isinstance(value, str) and re.search(r"[\r\n\\]", value):
            yield Refusal(path, "the value has a line break or a backslash", "a property is one line of text")
        elif (rule := KNOWN.get(key)) and (fault := rule.refuses(value)):
            yield Refusal(path, f"{value} is not allowed", f"files reference 3.2: {fault}")
        if (other := _ONLY_WITH.get(key)) and str(properties.get(other[0], "")).lower() != other[1]:
            yield Refusal(path, "has no effect", f"files reference 3.2: only with {other[0]}={other[1]}")
