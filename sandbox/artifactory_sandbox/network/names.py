"""Route 53 as a resolver sees it: records of moto's zones, aliases, failover by health check, down to a load balancer."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from artifactory_sandbox.aws import backends

_DEEPEST = 8
_ALIAS_TTL = 60
"""Seconds a resolver keeps an alias to a load balancer. The proxy keeps nothing: it asks at each connection."""


@dataclass(frozen=True, slots=True)
class Host:
    """A platform that the sandbox runs itself and reaches by name."""

    site: str
    address: str
    port: int


@dataclass(slots=True)
class Resolution:
    """How a name was resolved: the steps, and what it came to (a host of ours, a load balancer, an address, or nothing)."""

    name: str
    steps: list[dict[str, Any]] = field(default_factory=list)
    host: Host | None = None
    balancer: tuple[str, str, Any] | None = None
    address: str = ""

    @property
    def found(self) -> bool:
        """Whether the name means anything."""
        return self.host is not None or self.balancer is not None or bool(self.address)

    def data(self) -> dict[str, Any]:
        """What the control API says."""
        target = ""
        if self.host is not None:
            target = f"{self.host.address}:{self.host.port}"
        elif self.balancer is not None:
            target = self.balancer[2].dns_name
        return {"name": self.name, "found": self.found, "target": target or self.address, "steps": self.steps}


class Names:
    """Resolves names. `hosts` are the platforms outside AWS; `region_answers` decides whose alarms can still be read."""

    def __init__(self, region_answers: Callable[[str], bool]) -> None:
        self.hosts: dict[str, Host] = {}
        self._region_answers = region_answers
        self._last_known: dict[str, bool] = {}

    def resolve(self, name: str) -> Resolution:
        """Follows a name to its end."""
        found = Resolution(name)
        self._follow(name.rstrip(".").lower(), found, 0)
        return found

    def _follow(self, name: str, found: Resolution, depth: int) -> None:
        if host := self.hosts.get(name):
            found.host = host
            found.steps.append({"name": name, "type": "host", "site": host.site})
            return
        if balancer := backends.load_balancer(name):
            found.balancer = balancer
            found.steps.append({"name": name, "type": "load-balancer", "region": balancer[1], "ttl": _ALIAS_TTL})
            return
        chosen = self._choose(_records(name))
        if chosen is None or depth > _DEEPEST:
            return
        record, healthy = chosen
        step = {"name": name, "type": record.type, "ttl": int(record.ttl) if record.ttl else None}
        if record.failover:
            step |= {"failover": record.failover, "set": record.set_identifier, "healthy": healthy}
        found.steps.append(step)
        if record.alias_target:
            step["alias"] = record.alias_target["DNSName"].rstrip(".")
            self._follow(_plain(record.alias_target["DNSName"]), found, depth + 1)
        elif record.type == "CNAME":
            self._follow(_plain(_values(record)[0]), found, depth + 1)
        else:
            found.address = _values(record)[0]

    def _choose(self, records: list[Any]) -> tuple[Any, bool] | None:
        """Of failover records the primary while it is healthy, else the secondary when that is, else the primary."""
        records = [record for record in records if record.weight is None or int(record.weight) > 0] or records
        judged = [(record, self.healthy(record.health_check_id)) for record in records]
        judged.sort(key=lambda row: (not row[1], row[0].failover == "SECONDARY"))
        if judged and not judged[0][1]:
            judged.sort(key=lambda row: row[0].failover == "SECONDARY")
        return judged[0] if judged else None

    def healthy(self, health_check_id: str | None) -> bool:
        """What Route 53 thinks of a health check; a record without one counts as healthy."""
        if not health_check_id:
            return True
        check = _health_check(health_check_id)
        if check is None or check.disabled:
            return True
        verdict = self._verdict(check)
        if check.inverted in {True, "true"}:
            verdict = not verdict
        return verdict

    def _verdict(self, check: Any) -> bool:
        if check.type_ == "CALCULATED":
            healthy = sum(self.healthy(child) for child in check.children or [])
            return healthy >= int(check.health_threshold or 0)
        if check.type_ != "CLOUDWATCH_METRIC":
            return self._last_known.get(check.id, True)
        alarm = getattr(check, "alarm", {})
        state = self._alarm_state(alarm.get("AlarmIdentifier") or {})
        if state in {"OK", "ALARM"}:
            self._last_known[check.id] = state == "OK"
            return state == "OK"
        missing = alarm.get("InsufficientDataHealthStatus")
        return self._last_known.get(check.id, True) if missing == "LastKnownStatus" else missing != "Unhealthy"

    def _alarm_state(self, wanted: dict[str, str]) -> str:
        region, name = wanted.get("Region", ""), wanted.get("Name", "")
        if not self._region_answers(region):
            return "INSUFFICIENT_DATA"
        for _, found_region, cloudwatch in backends.each("cloudwatch"):
            if found_region == region and name in cloudwatch.alarms:
                return str(cloudwatch.alarms[name].state_value)
        return "INSUFFICIENT_DATA"


def _records(name: str) -> list[Any]:
    """The A, AAAA or CNAME records of a name, from the zone with the longest matching name."""
    zones = [zone for _, _, route53 in backends.each("route53") for zone in list(route53.zones.values())]
    zones = [zone for zone in zones if f".{name}".endswith(f".{_plain(zone.name)}")]
    wildcard = f"*.{name.partition('.')[2]}"
    for zone in sorted(zones, key=lambda zone: -len(zone.name)):
        listed = list(zone.rrsets)
        records = [row for row in listed if _plain(row.name) == name] or [
            row for row in listed if _plain(row.name) == wildcard
        ]
        for kind in ("A", "CNAME", "AAAA"):
            if of_kind := [record for record in records if record.type == kind]:
                return of_kind
    return []


def _health_check(wanted: str) -> Any | None:
    for _, _, route53 in backends.each("route53"):
        if wanted in route53.health_checks:
            return route53.health_checks[wanted]
    return None


def _plain(name: str) -> str:
    return name.rstrip(".").lower().replace("\\052", "*")


def _values(record: Any) -> list[str]:
    return [value["Value"] if isinstance(value, dict) else str(value) for value in record.records or []]
