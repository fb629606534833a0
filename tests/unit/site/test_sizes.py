"""What each size makes of a site: reviewed files, and the launch template as AWS gets it."""

import json
import re
from pathlib import Path

import pytest

from artifactory_estate.site.component import Site
from artifactory_estate.site.render import bundle
from artifactory_estate.site.sizes import PRESETS, heap_max
from tests.support.golden import assert_golden
from tests.support.recording import recorded
from tests.unit.site.site_values import ARTIFACTORY, DATABASE, names, site_of
from tests.unit.site.test_component import OUTPUTS

GOLDEN = Path(__file__).parent / "golden" / "sizes"
FILES = ("system.yaml", "artifactory.system.properties", "binarystore.xml")
"""Kept as `<size>.yaml`, `.properties`, `.xml`; each is booted by tests/clients/golden."""


@pytest.mark.parametrize("size", PRESETS)
def test_reviewed_files(size: str) -> None:
    site = site_of(nodes={"size": size}, system_properties={}, filestore={})
    files = bundle(names(site), site, ARTIFACTORY, DATABASE, "sandbox", {})
    for name in FILES:
        assert_golden(GOLDEN / f"{size}{Path(name).suffix}", files[name])


@pytest.mark.parametrize("size", PRESETS)
def test_reviewed_machines(size: str) -> None:
    """What AWS is asked for: the launch template but its user data, the group, and the database."""

    def program() -> None:
        Site("us-east", "acme", site_of(nodes={"size": size}), artifactory=ARTIFACTORY)

    with recorded(program, OUTPUTS) as found:
        template, group, database = (
            found.resources[f"us-east-{name}"].inputs for name in ("nodes-template", "nodes-group", "database-instance")
        )
    launch = {key: template[key] for key in ("instanceType", "blockDeviceMappings", "metadataOptions")}
    scale = {key: group[key] for key in ("minSize", "desiredCapacity", "maxSize")}
    store = {key: database.get(key) for key in ("instanceClass", "allocatedStorage", "iops", "storageThroughput")}
    text = json.dumps({"launch": launch, "group": scale, "database": store}, indent=2, sort_keys=True)
    whole = re.sub(r"(\d)\.0\b", r"\1", text)  # the engine's numbers are floats
    assert_golden(GOLDEN / f"{size}.json", f"{whole}\n")


@pytest.mark.parametrize("size", PRESETS)
def test_the_heap_of_a_size_fits_its_machine(size: str) -> None:
    preset = PRESETS[size]
    assert preset.heap_gib <= (heap_max(preset.instance_type) or 0)


def test_the_rows_are_those_of_the_reference() -> None:
    """files reference 7.1, column by column."""
    columns = list(zip(*(tuple(vars(preset).values()) for preset in PRESETS.values()), strict=True))
    rows = dict(zip(vars(PRESETS["small"]), columns, strict=True))
    assert rows["nodes"] == (1, 2, 3, 4, 6)
    assert rows["volume_gib"] == (500, 500, 1000, 1000, 1000)
    assert rows["iops"] == (3000, 3000, 6000, 6000, 6000)
    assert rows["throughput_mib"] == (500, 500, 1000, 1000, 1000)
    assert rows["artifactory_threads"] == (300, 300, 500, 600, 800)
    assert rows["accept_count"] == (600, 600, 800, 1200, 1200)
    assert rows["access_threads"] == (75, 75, 125, 150, 200)
    assert rows["pool"] == (50, 50, 100, 150, 200)
    assert rows["async_threads"] == (40, 40, 80, 160, 200)
    assert rows["async_queue"] == (10000, 10000, 20000, 50000, 100000)
    assert rows["http_connections"] == (50, 50, 100, 150, 150)
    assert rows["metadata_threads"] == (3, 3, 4, 5, 5)
    assert rows["fronts"] == (1, 2, 2, 2, 3)
    assert [name.removeprefix("db.m8g.") for name in rows["database_class"]] == [
        "2xlarge",
        "4xlarge",
        "8xlarge",
        "12xlarge",
        "16xlarge",
    ]
    assert rows["database_gib"] == (100, 250, 500, 1000, 1500)
    assert rows["database_iops"] == (4000, 6000, 10000, 12000, 20000)
    assert rows["database_throughput_mib"] == (500, 600, 800, 1000, 1500)
