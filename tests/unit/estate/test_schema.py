import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from artifactory_estate.estate import schema
from artifactory_estate.estate.model import Estate

FILE = Path(__file__).parents[3] / "docs" / "estate.schema.json"


def schemas_in(value: Any) -> Iterator[dict[str, Any]]:
    """Every mapping below `value`."""
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from schemas_in(inner)


def test_the_file_is_fresh() -> None:
    assert FILE.read_text(encoding="utf-8") == schema.text(), (
        "run: python -m artifactory_estate.estate.schema docs/estate.schema.json"
    )


def test_it_is_written_where_it_is_told(tmp_path: Path) -> None:
    assert schema.main([str(tmp_path / "s.json")]) == 0
    assert json.loads((tmp_path / "s.json").read_text())["$schema"] == schema.DIALECT
    assert schema.main([]) == 2


def test_every_reference_leads_somewhere_and_nothing_is_left_over() -> None:
    whole = schema.schema()
    named = {inner["$ref"].removeprefix("#/$defs/") for inner in schemas_in(whole) if "$ref" in inner}
    assert named == set(whole["$defs"])


def test_every_key_is_documented() -> None:
    whole = schema.schema()
    for name, definition in {"Estate": whole, **whole["$defs"]}.items():
        for key, wanted in definition["properties"].items():
            assert wanted.get("description") or "$ref" in wanted, f"{name}.{key}"


def test_defaults_are_those_of_a_managed_site_and_nothing_is_required_there() -> None:
    whole = schema.schema()
    defaults, site = whole["$defs"]["Defaults"], whole["$defs"]["ManagedSite"]
    assert set(site["properties"]) - set(defaults["properties"]) == {"platform"}
    assert "required" not in defaults
    assert site["required"] == ["platform", "url"]
    assert "required" not in whole["$defs"]["AwsPartial"]
    assert whole["$defs"]["Aws"]["required"] == ["account", "region"]
    assert set(whole["properties"]) == {*Estate.model_fields, "defaults"}


def test_defaults_stand_as_a_document_writes_them() -> None:
    definitions = schema.schema()["$defs"]
    assert definitions["Service"]["properties"]["ttl"]["default"] == "30s"
    assert definitions["BucketPartial"]["properties"]["keep_old_versions"]["default"] == "35d"
