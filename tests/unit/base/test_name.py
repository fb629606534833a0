"""Forms of names and addresses that several rooms share."""

import pytest
from pydantic import TypeAdapter, ValidationError

from artifactory_estate.base.name import HttpUrl

URL: TypeAdapter[str] = TypeAdapter(HttpUrl)


@pytest.mark.parametrize("port", [1, 80, 8082, 10000, 59999, 65535])
def test_a_port_that_a_machine_has(port: int) -> None:
    assert URL.validate_python(f"http://lab.acme.example:{port}/x") == f"http://lab.acme.example:{port}/x"


@pytest.mark.parametrize("port", ["0", "00080", "65536", "66000", "70000", "99999", "100000", ""])
def test_a_port_that_none_has(port: str) -> None:
    with pytest.raises(ValidationError):
        URL.validate_python(f"http://lab.acme.example:{port}")
