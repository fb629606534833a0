"""Licences of the sandbox."""

import base64
import time

import pytest

from artifactory_sandbox import licence


def test_a_file_of_licences_is_read_back() -> None:
    made = licence.make(3, licensed_to="acme")
    text = licence.file_text(made)
    assert licence.parse_file(text) == made
    assert licence.parse_file(text.replace("\n", "\r\n")) == made
    assert len({one.hash for one in made}) == 3
    assert made[0].type == "Enterprise Plus"
    assert licence.parse(made[0].text.replace("\n", "")) == made[0]


def test_a_licence_ends_with_its_last_day() -> None:
    now = time.time() * 1000
    assert not licence.make(days=0)[0].expired(int(now))
    assert licence.make(days=-1)[0].expired(int(now))


@pytest.mark.parametrize("text", ["", "nonsense", "bm9uc2Vuc2U=", "{}"])
def test_what_is_no_licence(text: str) -> None:
    with pytest.raises(licence.InvalidLicence):
        licence.parse(text)


def test_a_changed_licence_is_none() -> None:
    (one,) = licence.make()
    forged = licence.Licence("Enterprise Plus", "2999-01-01", one.licensed_to, one.serial)
    body, _, _ = base64.b64decode("".join(forged.text.split())).decode().rpartition("\n")
    _, _, seal = base64.b64decode("".join(one.text.split())).decode().rpartition("\n")
    with pytest.raises(licence.InvalidLicence):
        licence.parse(base64.b64encode(f"{body}\n{seal}".encode()).decode())
