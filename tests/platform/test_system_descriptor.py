"""The configuration descriptor (reference 1.3, 1.9, 12.6): one table, XML and YAML."""

import re
from pathlib import Path

import pytest

from artifactory_sandbox.platform.system import descriptor_values
from artifactory_sandbox.platform.system.descriptor_parts import Group, Keyed
from artifactory_sandbox.platform.system.descriptor_table import TABLE
from artifactory_sandbox.platform.system.descriptor_xml import from_xml, to_xml
from artifactory_sandbox.platform.web import Refused
from tests.platform.running import Bare, running

PATH = "system/configuration"


def patch(platform: Bare, text: str) -> tuple[int, str]:
    answer = platform.api("PATCH", PATH, data=text, headers={"Content-Type": "application/yaml"})
    return answer.status_code, answer.text


def post(platform: Bare, xml: bytes) -> tuple[int, str]:
    answer = platform.api("POST", PATH, data=xml, headers={"Content-Type": "application/xml"})
    return answer.status_code, answer.text


def test_a_fresh_descriptor_is_the_same_after_a_round_trip_through_xml() -> None:
    whole = descriptor_values.completed(TABLE, descriptor_values.fresh(TABLE), "", 0)
    sent, revision = from_xml(to_xml(whole, 7))
    read = descriptor_values.read(TABLE, sent, "", strict=True)
    assert (descriptor_values.completed(TABLE, read, "", 0), revision) == (whole, 7)


def test_elements_stand_in_the_order_of_the_table() -> None:
    whole = descriptor_values.completed(TABLE, descriptor_values.fresh(TABLE), "", 0)
    shown = re.findall(r"^  <(\w+)", to_xml(whole, 1).decode(), re.MULTILINE)
    wanted = [name for name in TABLE.fields if name in whole]
    assert [name for name in shown if name in wanted] == wanted
    assert set(shown) - set(wanted) == {"revision", "localRepositories", "remoteRepositories", "virtualRepositories"}


@pytest.mark.parametrize(
    "xml",
    [
        b"",
        b"<config",
        b"<other/>",
        b"<config><nonsense/></config>",
        b"<config><offlineMode>perhaps</offlineMode></config>",
        b"<config><offlineMode><deep/></offlineMode></config>",
        b"<config><offlineMode>true</offlineMode><offlineMode>true</offlineMode></config>",
        b"<config><backups>text</backups></config>",
        b"<config><backups><backup><enabled>true</enabled></backup></backups></config>",
        b"<config><backups><backup><key>a</key></backup></backups></config>",
        b"<config><backups><backup><key>a</key><key>b</key></backup></backups></config>",
        b"<config><gcConfig><cronExp>never</cronExp></gcConfig></config>",
        b"<config><urlBase>ftp://x</urlBase></config>",
        b"<config><revision>-1</revision></config>",
        b'<!DOCTYPE c [<!ENTITY a "b">]><config>&a;</config>',
        b'<!DOCTYPE c SYSTEM "file:///etc/passwd"><config/>',
        '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE c [<!ENTITY a "b">]><config>&a;</config>'.encode("utf-16"),
        b'<?xml version="1.0" encoding="no-such-code"?><config/>',
    ],
)
def test_xml_that_is_no_descriptor_is_refused_and_changes_nothing(platform: Bare, xml: bytes) -> None:
    before = platform.api("GET", PATH).content
    status, _ = post(platform, xml)
    assert (status, platform.api("GET", PATH).content) == (400, before)


@pytest.mark.parametrize(
    "text",
    [
        "[1, 2",
        "- 1",
        "nonsense: 1",
        "offlineMode: perhaps",
        "offlineMode: [true]",
        "backups: [a]",
        "backups: {a: 1}",
        "backups: {a: {enabled: true}}",
        "backups: {a: {cronExp: '0 0 2 ? * SAT', dir: relative}}",
        "backups: {a: {cronExp: '0 0 2 ? * SAT', dir: $JFROG_HOME/artifactory/backup}}",
        "backups: {a: {key: b, cronExp: '0 0 2 ? * SAT'}}",
        "backups: {a b: {cronExp: '0 0 2 ? * SAT'}}",
        "gcConfig: {cronExp: '0 0 0 ? * * 2001'}",
        "proxies: {p: {port: 80}}",
        "proxies: {p: {host: h, port: 80000}}",
        "proxies: {p: {host: h, services: nonsense}}",
        "proxies: {p: {host: h, platformDefault: true}, q: {host: h, platformDefault: true}}",
        "propertySets: {s: {properties: {p: {closedPredefinedValues: true}}}}",
        "repoLayouts: {l: {distinctiveDescriptorPathPattern: true, artifactPathPattern: x}}",
        "mailServer: {enabled: true}",
        "quotaConfig: {diskSpaceLimitPercentage: 101}",
        "quotaConfig: {diskSpaceLimitPercentage: 50, diskSpaceWarningPercentage: 60}",
        "security: {passwordSettings: {encryptionPolicy: MAYBE}}",
        "a: &a [*a]",
        'footer: "\\ud800"',
        'footer: "\\x01"',
        "{" * 3000,
    ],
)
def test_yaml_that_is_wrong_is_refused_and_changes_nothing(platform: Bare, text: str) -> None:
    before = platform.api("GET", PATH).content
    status, _ = patch(platform, text)
    assert (status, platform.api("GET", PATH).content) == (400, before)


def test_a_whole_descriptor_replaces_the_old_one_unless_it_has_been_changed_since(platform: Bare) -> None:
    assert patch(platform, "proxies: {posted: {host: h, port: 1}}\nfooter: ours")[0] == 200
    xml = platform.api("GET", PATH).content
    without = re.sub(rb"<proxies>.*</proxies>", b"<proxies/>", xml, flags=re.DOTALL)
    status, said = post(platform, without)
    assert (status, "succeeded" in said) == (200, True)
    assert b"<key>posted</key>" not in platform.api("GET", PATH).content
    status, said = post(platform, without)
    assert (status, "Could not merge and save new descriptor" in said) == (400, True)


def test_what_is_used_cannot_go_and_a_new_default_proxy_takes_it_from_the_old(platform: Bare) -> None:
    assert patch(platform, "proxies: {one: {host: h, platformDefault: true}}")[0] == 200
    assert patch(platform, "proxies: {two: {host: h, platformDefault: true}}")[0] == 200
    proxies = platform.platform.configuration.shown["proxies"]
    assert (proxies["one"]["platformDefault"], proxies["two"]["platformDefault"]) == (False, True)
    platform.make("proxied", "remote", url="http://up.example", proxy="one")
    status, said = patch(platform, "proxies: {one: ~, two: ~}")
    assert (status, "proxied" in said) == (400, True)
    assert platform.api("DELETE", "repositories/proxied").status_code == 200
    assert patch(platform, "proxies: {one: ~, two: ~}") == (200, "2 changes to config merged successfully")


def test_a_reset_singleton_comes_back_with_its_defaults_and_an_optional_one_goes(platform: Bare) -> None:
    assert patch(platform, "trashcanConfig: {retentionPeriodDays: 3}\nmailServer: {enabled: false, host: m}")[0] == 200
    assert patch(platform, "trashcanConfig: ~\nmailServer: ~")[0] == 200
    shown = platform.platform.configuration.shown
    assert shown["trashcanConfig"]["retentionPeriodDays"] == 14
    assert "mailServer" not in shown


def test_anonymous_access_follows_the_descriptor_at_once(platform: Bare) -> None:
    path = "/artifactory/api/system/version"
    assert platform("GET", path, auth=None).status_code == 401
    assert patch(platform, "security: {anonAccessEnabled: true}")[0] == 200
    assert platform("GET", path, auth=None).status_code == 200
    assert patch(platform, "security: {anonAccessEnabled: false}")[0] == 200
    assert platform("GET", path, auth=None).status_code == 401


def test_uploads_are_refused_while_the_disk_is_over_its_quota(platform: Bare) -> None:
    platform.make("quota-local")
    full = "quotaConfig: {enabled: true, diskSpaceLimitPercentage: 0, diskSpaceWarningPercentage: 0}"
    assert patch(platform, full)[0] == 200
    assert platform.put("quota-local/a", b"over").status_code == 413
    assert patch(platform, "quotaConfig: ~")[0] == 200
    assert platform.put("quota-local/a", b"over").status_code == 201


def test_replications_are_shown_in_the_xml_and_left_alone_by_a_post(platform: Bare) -> None:
    platform.make("shown-local")
    sent = {"url": "http://far.example/artifactory/x", "username": "me", "password": "hush", "cronExp": "0 0 2 * * ?"}
    assert platform.api("PUT", "replications/shown-local", json=sent).status_code in {200, 201}
    xml = platform.api("GET", PATH).content
    shown = re.findall(rb"<localReplication>.*?</localReplication>", xml, re.DOTALL)
    assert len(shown) == 1
    assert b"<repoKey>shown-local</repoKey>" in shown[0]
    assert b"hush" not in shown[0]
    assert post(platform, xml.replace(shown[0], b""))[0] == 200
    assert platform.api("GET", "replications/shown-local").status_code == 200
    platform.api("DELETE", "replications/shown-local")


def test_secrets_are_encrypted_with_the_key_and_readable_without_it(tmp_path: Path) -> None:
    with running(tmp_path) as (platform,):
        key = tmp_path / "platform-0/etc/security/artifactory.key"
        assert patch(platform, "proxies: {p: {host: h, password: hush}}")[0] == 200
        shown = platform.api("GET", PATH).text
        assert ("hush" in shown, "<password>AM." in shown) == (False, True)
        assert b"hush" not in platform.platform.configuration.state.descriptor()["tree"].encode()
        assert patch(platform, "proxies: {p: {host: h, password: hush}}")[1].startswith("0 changes")
        sealed = re.findall(r"<password>(AM[^<]+)", shown)[0]
        assert patch(platform, f"proxies: {{p: {{password: '{sealed}'}}}}")[1].startswith("0 changes")
        assert platform.api("POST", "system/encrypt").text == "DONE"
        first = key.read_text()
        assert key.stat().st_mode & 0o777 == 0o600
        assert platform.api("POST", "system/decrypt").text == "DONE"
        assert (key.exists(), "<password>hush</password>" in platform.api("GET", PATH).text) == (False, True)
        key.write_text(first)
        assert platform.api("POST", "system/encrypt").text == "DONE"
        assert key.read_text() == first
        assert "hush" not in platform.api("GET", PATH).text
    with running(tmp_path) as (platform,):
        assert platform.platform.configuration.shown["proxies"]["p"]["password"] == "hush"


def test_repositories_join_and_leave_the_exclusions_of_backups(platform: Bare) -> None:
    cron = "0 0 2 ? * SAT"
    assert patch(platform, f"backups: {{ex: {{cronExp: '{cron}', excludeNewRepositories: true}}}}")[0] == 200
    platform.make("joins-local")
    excluded = platform.platform.configuration.shown["backups"]["ex"]["excludedRepositories"]
    assert excluded == ["joins-local"]
    platform.api("DELETE", "repositories/joins-local")
    assert platform.platform.configuration.shown["backups"]["ex"]["excludedRepositories"] == []
    assert patch(platform, "backups: {ex: ~}")[0] == 200


def test_a_change_that_was_taken_back_is_not_seen(platform: Bare) -> None:
    configuration, database = platform.platform.configuration, platform.platform.database

    def fail_after(footer: str) -> None:
        with database.transaction():
            configuration.patch({"footer": footer})
            assert configuration.shown["footer"] == footer
            raise Refused(400, "taken back")

    with pytest.raises(Refused):
        fail_after("gone")
    configuration.patch({"footer": "kept"})
    assert configuration.shown["footer"] == "kept"


def test_every_part_of_the_table_can_be_filled_and_comes_back_the_same() -> None:
    def sample(part: object, depth: int = 0) -> object:
        if isinstance(part, Group):
            return {name: sample(inner, depth) for name, inner in part.fields.items()}
        if isinstance(part, Keyed):
            return {f"Key{depth}": {name: sample(inner, depth + 1) for name, inner in part.fields.items()}}
        kind = getattr(part, "kind", None)
        if kind is None:
            return ["one", "two"]
        if part.choices:  # type: ignore[attr-defined]
            return part.choices[-1]  # type: ignore[attr-defined]
        return {"flag": True, "number": 50, "cron": "0 0 2 ? * SAT", "url": "http://x.example"}.get(kind, "a < b & c")

    whole = descriptor_values.completed(TABLE, sample(TABLE), "", 0)
    sent, _ = from_xml(to_xml(whole, 1))
    assert descriptor_values.completed(TABLE, descriptor_values.read(TABLE, sent, "", strict=True), "", 0) == whole
