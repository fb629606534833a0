"""What the rules of the HA site refuse is refused with the place, the reason and where the reason comes from."""

import re
from importlib import import_module

from artifactory_estate.base import dotted
from tests.unit.estate.documents import mistakes_in
from tests.unit.estate.judged import Rule

ROOMS = (
    "cluster",
    "database",
    "filestore",
    "licences",
    "load_balancer",
    "maintenance",
    "network",
    "observability",
    "package",
    "properties",
    "security",
    "sizes",
)
SOURCE = re.compile(r"seed 00[0-4]|(files|REST) reference [0-9]|design [0-9]|decision [0-9]")


def rules(room: str) -> dict[str, Rule]:
    found: dict[str, Rule] = import_module(f"tests.unit.estate.test_rules_of_{room}").RULES
    return found


def sourced(rule: Rule) -> bool:
    return any(dotted(m.path) == rule.path and SOURCE.search(str(m)) for m in mistakes_in(rule.refuses))


def test_at_least_120_documents_are_refused_with_path_reason_and_source() -> None:
    assert sum(sourced(rule) for room in ROOMS for rule in rules(room).values()) >= 120
