"""What loading costs, counted: it grows with the document, and is done once."""

import sys
from collections import Counter
from types import FrameType
from typing import Any

import pytest

from artifactory_estate.estate.load import loads
from artifactory_estate.estate.model import Estate
from tests.unit.estate.documents import with_repositories


def calls_while_loading(text: str) -> int:
    """Python and C functions called."""
    calls = 0

    def count(_frame: FrameType, event: str, _argument: Any) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        loads(text)
    finally:
        sys.setprofile(None)
    return calls


def test_work_grows_with_the_number_of_repositories_and_no_faster() -> None:
    small, large = (calls_while_loading(with_repositories(count)) for count in (200, 2000))
    assert large < 10 * small
    assert large / 2000 < 200


def test_a_document_is_validated_once(monkeypatch: pytest.MonkeyPatch) -> None:
    validated: Counter[str] = Counter()
    original = Estate.from_data.__func__  # type: ignore[attr-defined]

    def counted(cls: type[Estate], data: Any) -> Estate:
        validated[cls.__name__] += 1
        estate: Estate = original(cls, data)
        return estate

    monkeypatch.setattr(Estate, "from_data", classmethod(counted))
    assert len(loads(with_repositories(10)).sites["us-east"].repositories.local) == 13
    assert validated == {"Estate": 1}
