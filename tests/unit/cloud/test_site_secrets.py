"""Secrets of a site: made once, taken over, never overwritten, never told."""

import json
import re
from pathlib import Path
from typing import Any

import boto3
import pytest

from artifactory_estate.base import Owner, Refused
from artifactory_estate.cloud.lifecycle import SiteSecrets
from artifactory_estate.cloud.made_once import ForeignSecret, new_password
from artifactory_estate.cloud.site_secrets import SiteSecretsDeclaration, SiteSecretsObservation
from tests.support.aws import REGION

NAMES = ("admin-password", "master-key", "join-key", "database-password", "licences", "admin-token")


@pytest.fixture
def licences(tmp_path: Path) -> Path:
    path = tmp_path / "licences.txt"
    path.write_text("licence one\n\nlicence two\n")
    return path


@pytest.fixture
def declared(prefix: str, owner: Owner, licences: Path) -> SiteSecretsDeclaration:
    return SiteSecretsDeclaration(
        prefix=prefix, region=REGION, owner=owner, tags={"owner": "platform"}, licences=f"file:{licences}"
    )


def manager() -> Any:
    return boto3.client("secretsmanager", region_name=REGION)


def value(declared: SiteSecretsDeclaration, name: str) -> str:
    return str(manager().get_secret_value(SecretId=f"{declared.prefix}/{name}")["SecretString"])


def with_changes(declared: SiteSecretsDeclaration, **changes: Any) -> SiteSecretsDeclaration:
    return declared.model_copy(update=changes)


def test_makes_keys_and_passwords_and_copies_the_licences(declared: SiteSecretsDeclaration) -> None:
    SiteSecrets().create(declared)
    assert re.fullmatch(r"[0-9a-f]{64}", value(declared, "master-key"))
    assert value(declared, "master-key") != value(declared, "join-key")
    assert len(value(declared, "admin-password")) >= 32
    assert value(declared, "licences") == "licence one\n\nlicence two"
    made = manager().describe_secret(SecretId=f"{declared.prefix}/admin-token")
    assert not made.get("VersionIdsToStages")
    assert {"Key": "owner", "Value": "platform"} in made["Tags"]


def test_second_run_keeps_every_value(declared: SiteSecretsDeclaration) -> None:
    observed = SiteSecrets().create(declared)
    manager().put_secret_value(SecretId=f"{declared.prefix}/admin-token", SecretString="token")
    before = {name: value(declared, name) for name in NAMES}
    SiteSecrets().create(declared)
    SiteSecrets().update(declared, declared, observed)
    assert {name: value(declared, name) for name in NAMES} == before


def test_finishes_what_a_killed_run_left(declared: SiteSecretsDeclaration) -> None:
    manager().create_secret(
        Name=f"{declared.prefix}/master-key", Description=declared.owner.text, SecretString="ab" * 16
    )
    manager().create_secret(Name=f"{declared.prefix}/join-key", Description=declared.owner.text)
    SiteSecrets().create(declared)
    assert value(declared, "master-key") == "ab" * 16
    assert re.fullmatch(r"[0-9a-f]{64}", value(declared, "join-key"))


@pytest.mark.parametrize("description", ["", "[artifactory-estate other us-east/secrets]"])
def test_secret_of_somebody_else_is_refused_and_kept(declared: SiteSecretsDeclaration, description: str) -> None:
    manager().create_secret(Name=f"{declared.prefix}/master-key", Description=description, SecretString="theirs")
    with pytest.raises(ForeignSecret, match=f"{declared.prefix}/master-key exists and is not of this estate"):
        SiteSecrets().create(declared)
    assert value(declared, "master-key") == "theirs"


def test_deleted_site_gets_its_keys_back_when_it_is_made_again(declared: SiteSecretsDeclaration) -> None:
    observed = SiteSecrets().create(declared)
    manager().put_secret_value(SecretId=f"{declared.prefix}/admin-token", SecretString="of the dead site")
    before = value(declared, "master-key")
    SiteSecrets().delete(declared, observed)
    assert SiteSecrets().read(declared, observed) is None
    SiteSecrets().create(declared)
    assert value(declared, "master-key") == before
    assert not manager().describe_secret(SecretId=f"{declared.prefix}/admin-token").get("VersionIdsToStages")


def test_deletion_can_be_undone_for_a_week_and_repeated(declared: SiteSecretsDeclaration) -> None:
    observed = SiteSecrets().create(declared)
    SiteSecrets().delete(declared, observed)
    SiteSecrets().delete(declared, observed)
    found = manager().describe_secret(SecretId=f"{declared.prefix}/master-key")
    assert 6 <= (found["DeletedDate"] - found["CreatedDate"]).days <= 7


def test_deletion_leaves_what_is_not_ours(declared: SiteSecretsDeclaration) -> None:
    manager().create_secret(Name=f"{declared.prefix}/licences", SecretString="theirs")
    SiteSecrets().delete(declared, SiteSecretsObservation())
    assert value(declared, "licences") == "theirs"


def test_changed_licences_are_seen_by_read_and_copied_by_update(
    declared: SiteSecretsDeclaration, licences: Path
) -> None:
    observed = SiteSecrets().create(declared)
    assert SiteSecrets().read(declared, observed) == (declared, observed)
    licences.write_text("licence three\n")
    found = SiteSecrets().read(declared, observed)
    assert found
    assert found[1].pending == ("licences has changed",)
    again = SiteSecrets().update(declared, declared, found[1])
    assert (value(declared, "licences"), again.pending) == ("licence three", ())


def test_source_that_cannot_be_read_now_does_not_stop_a_refresh(
    declared: SiteSecretsDeclaration, licences: Path
) -> None:
    observed = SiteSecrets().create(declared)
    licences.unlink()
    assert SiteSecrets().read(declared, observed) == (declared, observed)


def test_one_missing_secret_is_made_again(declared: SiteSecretsDeclaration) -> None:
    observed = SiteSecrets().create(declared)
    manager().delete_secret(SecretId=f"{declared.prefix}/join-key", ForceDeleteWithoutRecovery=True)
    found = SiteSecrets().read(declared, observed)
    assert found
    assert found[1].pending == (f"{declared.prefix}/join-key is to be made again",)


@pytest.mark.parametrize("key", ["0123456789abcdef" * 2, "0123456789ABCDEF" * 4])
def test_given_key_is_copied(declared: SiteSecretsDeclaration, monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    monkeypatch.setenv("MASTER", key)
    given = with_changes(declared, master_key="env:MASTER")
    assert SiteSecrets().preflight(None, given) == ()
    SiteSecrets().create(given)
    assert value(declared, "master-key") == key


@pytest.mark.parametrize(
    ("given", "said"),
    [("not a key at all", "env:MASTER is no key"), ("ff" * 32, "env:MASTER differs from the key that the site has")],
)
def test_key_that_cannot_be_the_sites_is_refused_before_anything_is_written(
    declared: SiteSecretsDeclaration, monkeypatch: pytest.MonkeyPatch, given: str, said: str
) -> None:
    observed = SiteSecrets().create(declared)
    before = value(declared, "master-key")
    monkeypatch.setenv("MASTER", given)
    with pytest.raises(Refused, match=said) as refused:
        SiteSecrets().update(declared, with_changes(declared, master_key="env:MASTER"), observed)
    assert given not in str(refused.value)
    assert "keys.master" in str(refused.value)
    assert value(declared, "master-key") == before


def test_password_of_an_existing_database_follows_its_source(
    declared: SiteSecretsDeclaration, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DB", "first")
    external = with_changes(declared, database_password="env:DB")
    observed = SiteSecrets().create(external)
    monkeypatch.setenv("DB", "second")
    SiteSecrets().update(external, external, observed)
    assert value(declared, "database-password") == "second"


def test_neither_state_nor_errors_hold_a_value(declared: SiteSecretsDeclaration) -> None:
    observed = SiteSecrets().create(declared)
    state = json.dumps([declared.to_data(), observed.to_data()])
    known = [value(declared, name) for name in NAMES if name != "admin-token"]
    assert [secret for secret in known if secret in state] == []


def test_every_password_has_each_kind_of_character() -> None:
    for _ in range(200):
        password = new_password()
        assert re.search("[a-z]", password)
        assert re.search("[A-Z]", password)
        assert re.search("[0-9]", password)


def test_a_list_of_licences_is_copied_into_one(declared: SiteSecretsDeclaration, tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).write_text(f"licence {name}\n")
    SiteSecrets().create(with_changes(declared, licences=(f"file:{tmp_path / 'a'}", f"file:{tmp_path / 'b'}")))
    assert value(declared, "licences") == "licence a\n\nlicence b"


def test_a_generation_is_another_join_key_and_the_former_stays(declared: SiteSecretsDeclaration) -> None:
    observed = SiteSecrets().create(declared)
    first = value(declared, "join-key")
    second = with_changes(declared, join_keys=("join-key", "join-key-2"))
    observed = SiteSecrets().update(declared, second, observed)
    assert value(declared, "join-key-2") != first == value(declared, "join-key")
    SiteSecrets().delete(second, observed)
    for name in second.join_keys:
        assert "DeletedDate" in manager().describe_secret(SecretId=f"{declared.prefix}/{name}")


def test_another_join_key_needs_another_generation(declared: SiteSecretsDeclaration, tmp_path: Path) -> None:
    for name, digit in (("old", "a"), ("new", "b")):
        (tmp_path / name).write_text(digit * 64)
    old = with_changes(declared, join_key=f"file:{tmp_path / 'old'}")
    SiteSecrets().create(old)
    new = with_changes(declared, join_key=f"file:{tmp_path / 'new'}")
    with pytest.raises(Refused, match=r"keys\.join: file:.* differs .*\n +Raise keys\.join_generation"):
        SiteSecrets().update(old, new, SiteSecretsObservation())
    SiteSecrets().update(old, with_changes(new, join_keys=("join-key", "join-key-2")), SiteSecretsObservation())
    assert value(declared, "join-key-2") == "b" * 64
    again = with_changes(old, join_keys=("join-key", "join-key-2", "join-key-3"))
    with pytest.raises(Refused, match="is a key of an earlier generation"):
        SiteSecrets().update(new, again, SiteSecretsObservation())


def test_the_master_key_is_never_replaced_and_the_reason_is_said(
    declared: SiteSecretsDeclaration, tmp_path: Path
) -> None:
    SiteSecrets().create(declared)
    (tmp_path / "key").write_text("c" * 64)
    other = with_changes(declared, master_key=f"file:{tmp_path / 'key'}")
    with pytest.raises(Refused, match=r"keys\.master: .*no way is documented; what it has encrypted in the database"):
        SiteSecrets().update(declared, other, SiteSecretsObservation())
