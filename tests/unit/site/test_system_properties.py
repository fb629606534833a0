"""The table of properties against the reference's names, and what becomes of a declared one."""

from pathlib import Path
from typing import Any, get_args

import pytest

from artifactory_estate.site.properties.model import SystemProperties
from artifactory_estate.site.properties.reference import reference
from artifactory_estate.site.properties.table import Kind, Property, known
from artifactory_estate.site.render import bundle
from tests.unit.site.site_values import ARTIFACTORY, DATABASE, names, site_of

NAMES = Path(__file__).with_name("properties_of_the_reference.txt")
"""Section and name, copied out of the tables of the files reference."""
OUR_OWN = {"artifactory.search.maxResults"}
"""Of design 8, whose names are binding."""


def lines(**properties: Any) -> dict[str, str]:
    site = site_of(system_properties=properties)
    text = bundle(names(site), site, ARTIFACTORY, DATABASE, "sandbox", {})["artifactory.system.properties"]
    return dict(line.split("=", 1) for line in text.splitlines())


def test_every_name_of_the_reference_is_known_and_no_other() -> None:
    wanted = {line.split()[1]: line.split()[0] for line in NAMES.read_text().splitlines()}
    assert len(wanted) == 114
    assert set(known()) == set(wanted) | OUR_OWN
    assert not [key for key, section in wanted.items() if not known()[key].source.startswith(section)]


@pytest.mark.parametrize("each", known().values(), ids=list(known()))
def test_every_row_is_complete_and_its_default_is_allowed(each: Property) -> None:
    assert each.type in get_args(Kind)
    assert each.scope in {"node", "cluster"}
    assert each.area
    assert each.meaning.endswith(".")
    assert each.type == "number" or not (each.unit or each.least or each.most)
    if each.default:
        assert each.fault(each.default) is None


def test_names_as_the_file_has_them() -> None:
    found = lines(
        **{
            "federated.negotiation.enabled": True,
            "federated.full.sync.pooling.wait.time.sec": 60,
            "rfts.full.sync.execution.time.threshold.min": 45,
            "extra": {"artifactory.of.ours": "x"},
        }
    )
    assert found["artifactory.federated.negotiation.enabled"] == "true"
    assert found["artifactory.federated.full.sync.pooling.wait.time.sec"] == "60"
    assert found["rfts.full.sync.execution.time.threshold.min"] == "45"
    assert found["artifactory.of.ours"] == "x"


def test_a_declared_property_wins_over_the_sizes() -> None:
    found = lines(**{"artifactory.async.corePoolSize": 30})
    assert found["artifactory.async.corePoolSize"] == "30"
    assert found["artifactory.async.poolMaxQueueSize"] == "10000"


def test_declared_properties_are_read_back() -> None:
    declared = {"artifactory.search.maxResults": 500, "extra": {"artifactory.x": True}}
    model = SystemProperties.from_data(declared)
    assert model.to_data() == declared
    assert SystemProperties.from_data(model.to_data()) == model


def test_an_editors_schema_names_every_property_and_no_other() -> None:
    schema = SystemProperties.model_json_schema()
    assert set(schema["properties"]) == set(known()) | {"extra"}
    assert schema["additionalProperties"] is False
    pools = schema["properties"]["artifactory.federated.mirror.events.bulk.max.pools"]
    assert pools["anyOf"][0] == {"type": "integer", "minimum": 1, "maximum": 5}


def test_the_reference_page_has_a_row_for_each() -> None:
    text = reference()
    assert [key for key in known() if f"| `{key}` |" not in text] == []
