"""One lifecycle through the real engine: everything an `up` can meet."""

import json
from pathlib import Path

import pytest

from tests.support.engine import Engine

PROGRAM = Path(__file__).parent / "program"


@pytest.fixture(scope="module")
def note(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("notes") / "note"


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory, note: Path) -> Engine:
    return Engine(tmp_path_factory.mktemp("project"), PROGRAM, environment={"NOTE": str(note)})


def fields(**values: object) -> dict[str, str]:
    return {"FIELDS": json.dumps(values)}


def test_a_refusal_reaches_the_user_whole_and_without_a_traceback(engine: Engine, note: Path) -> None:
    said = engine.up(fails=True, **fields(text="refused"))
    assert "notes.a: refused (no such text)" in said and "Write another." in said
    assert "Traceback" not in said and not note.exists()


def test_a_wrong_declaration_is_refused_by_check_with_its_path(engine: Engine, note: Path) -> None:
    said = engine.preview(fails=True, **fields(copies="two", unheard=1))
    assert "copies: Input should be a valid integer" in said and "unheard: Extra inputs are not permitted" in said
    assert "Traceback" not in said and not note.exists()


def test_create_then_nothing_to_do(engine: Engine, note: Path) -> None:
    engine.up(**fields(text="hello", copies=3))
    assert note.read_text() == "hello"
    engine.preview("--expect-no-changes", **fields(text="hello", copies=3))
    state = engine.resources()["note"]
    assert state["outputs"]["observed"] == {"length": 5, "pending": []}
    assert state["outputs"]["copies"] == 3 and isinstance(state["outputs"]["copies"], int)


def test_a_change_shows_only_what_changed(engine: Engine, note: Path) -> None:
    entries = {f"key-{number}": '{"rclass":"local"}' for number in range(50)}
    engine.up(**fields(text="hello", entries=entries))
    changed = {**entries, "key-7": '{"rclass":"local","description":"seven"}'}
    said = engine.preview("--diff", **fields(text="hello", entries=changed))
    assert "key-7" in said and "seven" in said and "key-8" not in said


def test_drift_is_seen_by_refresh_and_mended_by_up(engine: Engine, note: Path) -> None:
    engine.up(**fields(text="hello"))
    note.write_text("somebody else's")
    engine.refresh(**fields(text="hello"))
    assert "1 to update" in engine.preview(**fields(text="hello"))
    engine.up(**fields(text="hello"))
    assert note.read_text() == "hello"


def test_what_is_gone_is_made_again(engine: Engine, note: Path) -> None:
    engine.up(**fields(text="hello"))
    note.unlink()
    engine.refresh(**fields(text="hello"))
    engine.up(**fields(text="hello"))
    assert note.read_text() == "hello"


def test_pending_work_makes_the_next_up_an_update(engine: Engine) -> None:
    engine.up(**fields(text="half"))
    assert "1 to update" in engine.preview(**fields(text="half"))
    engine.up(**fields(text="whole"))
    engine.preview("--expect-no-changes", **fields(text="whole"))


def test_what_cannot_change_in_place_is_replaced(engine: Engine, note: Path) -> None:
    engine.up(**fields(text="hello"))
    other = str(note) + "-moved"
    assert "1 to replace" in engine.preview(**fields(text="hello", path=other))
    engine.up(**fields(text="hello", path=other))
    assert Path(other).exists() and not note.exists()


def test_destroy_takes_it_away(engine: Engine, note: Path) -> None:
    engine.up(**fields(text="hello"))
    engine.destroy()
    assert not note.exists() and not engine.resources()


def test_3000_resources_register_in_one_preview(engine: Engine) -> None:
    """`pulumi.dynamic.Resource` dies at the 981st (pulumi-practice 0.2)."""
    assert "3002 to create" in engine.preview(COUNT="2999")
