"""What holds for every document, and for what is none."""

import json
from pathlib import Path
from typing import Any

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from artifactory_estate.estate.load import InvalidDocument, load, loads
from artifactory_estate.estate.model import Estate
from artifactory_estate.estate.slices import slice_of, stacks_of
from tests.unit.estate.documents import SAMPLE, sample_data
from tests.unit.estate.strategies import documents

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
)


def judged(text: str) -> None:
    """Loads, or refuses with at least one mistake; every mistake can be printed."""
    try:
        loads(text)
    except InvalidDocument as invalid:
        assert invalid.mistakes
        assert all(str(mistake) for mistake in invalid.mistakes)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(documents())
def test_what_is_written_is_read_back(document: dict[str, Any]) -> None:
    estate = loads(json.dumps(document, ensure_ascii=False))
    assert loads(yaml.safe_dump(estate.to_data(), allow_unicode=True)) == estate
    assert Estate.from_data(estate.to_data()) == estate


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(documents())
def test_every_stack_has_a_slice_and_comes_after_what_it_rests_on(document: dict[str, Any]) -> None:
    estate = loads(json.dumps(document, ensure_ascii=False))
    done: set[str] = set()
    for stack in stacks_of(estate):
        assert done.issuperset(stack.depends_on)
        known = set(slice_of(estate, stack.name).estate.sites)
        assert known >= set(stack.sites) if stack.kind == "site" else known == set(stack.sites)
        done.add(stack.name)
    assert len(done) == len(estate.sites) + len(estate.federations) + len(estate.disaster_recovery)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200))
def test_no_bytes_break_it(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "acme.yaml"
    file.write_bytes(content)
    try:
        load(file)
    except InvalidDocument as invalid:
        assert str(invalid)


@settings(max_examples=150, deadline=None)
@given(st.text(st.characters(exclude_categories=("Cs",)) | st.sampled_from("{}[]:,-?&*!|>'\"%@#\n\t "), max_size=60))
def test_no_text_breaks_it(text: str) -> None:
    judged(text)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, len(SAMPLE)), st.integers(0, 40), st.text("{}[]:,-?&*!|>'\"<~#\n\t 0aé", max_size=4))
def test_no_slip_of_the_hand_breaks_it(at: int, removed: int, typed: str) -> None:
    judged(SAMPLE[:at] + typed + SAMPLE[at + removed :])


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_nothing_in_any_place_breaks_it(data: st.DataObject) -> None:
    """Walk down the sample, and put anything at all where the walk ends."""
    document = sample_data()
    holder: Any = document
    while True:
        keys = sorted(holder) if isinstance(holder, dict) else list(range(len(holder)))
        key = data.draw(st.sampled_from(keys))
        inner = holder[key]
        if not isinstance(inner, dict | list) or not inner or data.draw(st.integers(0, 4)) == 0:
            break
        holder = inner
    holder[key] = data.draw(anything)
    judged(yaml.safe_dump(document, allow_unicode=True))
