from typing import Any

import pytest

from artifactory_estate.replication.cron import fault_of
from tests.unit.estate.documents import Changes, mistakes_in
from tests.unit.estate.judged import Rule

AT = "sites.us-east.repositories"
LOCAL, REMOTE, VIRTUAL = f"{AT}.local", f"{AT}.remote", f"{AT}.virtual"
SHARED = "federations.shared"
GENERIC, MAVEN = {"package_type": "generic"}, {"package_type": "maven"}
UPSTREAM = "http://lab.repo.acme.example/artifactory/x"
PUSH = {"cron": "0 0 2 ? * *", "targets": ["lab"]}
LOG_DAYS = "artifactory.events.log.cleanup.age.of.entries.to.discard.days"
RECEIVER = {"mode": "receiver"}


def push(**more: Any) -> Changes:
    return {"sites.us-east.replications.push.libs-local": {**PUSH, **more}}


def versions(**by_site: str) -> dict[str, Any]:
    """Another version at a site; the pair's two have to go together."""
    package = {"source": "sandbox", "sha256": "0" * 64}
    return {
        f"sites.{site.replace('_', '-')}.artifactory": {"version": text, "package": package}
        for site, text in by_site.items()
    }


def federation_of(count: int, **more: Any) -> dict[str, Any]:
    sites = {
        f"sites.s{n}": {"platform": "external", "url": f"http://s{n}.example.org", "credentials": {"token": "env:T"}}
        for n in range(count)
    }
    return {
        **sites,
        "federations.wide": {"members": {f"s{n}": {} for n in range(count)}, "repositories": {"wide": GENERIC}, **more},
    }


RULES = {
    "a key in one class": Rule(
        {}, {f"{REMOTE}.libs-local": {**MAVEN, "url": UPSTREAM}}, f"{REMOTE}.libs-local", "the same key, which is local"
    ),
    "keys that differ in case only": Rule(
        {f"{LOCAL}.Lib": MAVEN},
        {f"{LOCAL}.Libs-Local": MAVEN},
        f"{LOCAL}.Libs-Local",
        "differs from libs-local in case only",
    ),
    "a remote's cache": Rule(
        {f"{LOCAL}.lab-cache": GENERIC},
        {f"{LOCAL}.lab-generic-cache": GENERIC},
        f"{LOCAL}.lab-generic-cache",
        "it is the cache of the remote lab-generic",
    ),
    "docker in lower case": Rule(
        {f"{LOCAL}.Images": MAVEN},
        {f"{LOCAL}.Images": {"package_type": "docker"}},
        f"{LOCAL}.Images",
        "Call it images.",
    ),
    "reserved names": Rule(
        {f"{LOCAL}.repos": GENERIC}, {f"{LOCAL}.API": GENERIC}, f"{LOCAL}.API", "API is reserved (REST reference 2.2"
    ),
    "build information": Rule({}, {f"{LOCAL}.x-build-info": GENERIC}, f"{LOCAL}.x-build-info", "is reserved"),
    "key of a project": Rule(
        {f"{LOCAL}.team-lib": {**MAVEN, "project": "team"}},
        {f"{LOCAL}.lib": {**MAVEN, "project": "team"}},
        f"{LOCAL}.lib.project",
        "keys in the project begin with team-",
    ),
    "form of a project": Rule(
        {}, {f"{LOCAL}.T-lib": {**MAVEN, "project": "T"}}, f"{LOCAL}.T-lib.project", "2 to 32 lower-case letters"
    ),
    "classes of a type": Rule(
        {f"{LOCAL}.state": {"package_type": "terraformbackend"}},
        {f"{REMOTE}.state": {"package_type": "terraformbackend", "url": UPSTREAM}},
        f"{REMOTE}.state.package_type",
        "there is no remote repository of type terraformbackend",
    ),
    "extra is for fields without a name": Rule(
        {f"{LOCAL}.x": {**GENERIC, "extra": {"archiveBrowsingEnabled": True}}},
        {f"{REMOTE}.x": {**GENERIC, "url": UPSTREAM, "extra": {"password": "hunter2"}}},
        f"{REMOTE}.x.extra.password",
        "Use `credentials`, which names the secret.",
    ),
    "several environments": Rule(
        {f"{LOCAL}.web-x": {**GENERIC, "project": "web", "environments": ["DEV", "PROD"]}},
        {
            f"{LOCAL}.web-x": {**GENERIC, "project": "web", "environments": ["DEV", "PROD"]},
            **versions(us_east="7.100.0", us_west="7.100.0"),
        },
        f"{LOCAL}.web-x.environments",
        "2 environments, with 7.100.0",
    ),
    "environments belong to projects": Rule(
        {f"{LOCAL}.web-x": {**GENERIC, "project": "web", "environments": ["DEV"]}},
        {f"{LOCAL}.x": {**GENERIC, "environments": ["DEV"]}},
        f"{LOCAL}.x.environments",
        "environments DEV without a project",
    ),
    "members of a virtual exist": Rule(
        {f"{VIRTUAL}.all": {**GENERIC, "repositories": ["lab-generic"]}},
        {f"{VIRTUAL}.all": {**GENERIC, "repositories": ["lab-generics"]}},
        f"{VIRTUAL}.all.repositories[0]",
        "there is no repository lab-generics at this site",
    ),
    "a virtual of a federated repository": Rule(
        {f"{VIRTUAL}.all": {**GENERIC, "repositories": ["shared-federated"], "deploy_to": "shared-federated"}},
        {"sites.lab.repositories.virtual.all": {**GENERIC, "repositories": ["libs-local"]}},
        "sites.lab.repositories.virtual.all.repositories[0]",
        "there is no repository libs-local at this site",
    ),
    "members of one type": Rule(
        {},
        {f"{VIRTUAL}.libs.repositories": ["libs-local", "pypi-local"]},
        f"{VIRTUAL}.libs.repositories[1]",
        "pypi-local is pypi (REST reference 2.8",
    ),
    "a member once": Rule(
        {},
        {f"{VIRTUAL}.libs.repositories": ["libs-local", "libs-local"]},
        f"{VIRTUAL}.libs.repositories[1]",
        "libs-local a second time",
    ),
    "a virtual does not contain itself": Rule(
        {f"{VIRTUAL}.more": {**MAVEN, "repositories": ["libs"]}},
        {
            f"{VIRTUAL}.more": {**MAVEN, "repositories": ["libs"]},
            f"{VIRTUAL}.libs.repositories": ["libs-local", "more"],
        },
        f"{VIRTUAL}.more.repositories",
        "more contains itself",
    ),
    "uploads go to a member": Rule(
        {},
        {f"{LOCAL}.other": MAVEN, f"{VIRTUAL}.libs.deploy_to": "other"},
        f"{VIRTUAL}.libs.deploy_to",
        "other is not among the members",
    ),
    "uploads go to a local repository": Rule(
        {},
        {f"{VIRTUAL}.all": {**GENERIC, "repositories": ["lab-generic"], "deploy_to": "lab-generic"}},
        f"{VIRTUAL}.all.deploy_to",
        "lab-generic is not local",
    ),
    "a push sends a local repository": Rule(
        push(),
        {"sites.us-east.replications.push.lab-generic": PUSH},
        "sites.us-east.replications.push.lab-generic",
        "there is no local repository",
    ),
    "a pull fills a remote repository": Rule(
        {"sites.us-east.replications.pull.lab-generic": {"cron": "0 0 2 ? * *"}},
        {"sites.us-east.replications.pull.libs-local": {"cron": "0 0 2 ? * *"}},
        "sites.us-east.replications.pull.libs-local",
        "there is no remote repository libs-local",
    ),
    "federated or replicated": Rule(
        push(),
        {"sites.us-east.replications.push.shared-federated": PUSH},
        "sites.us-east.replications.push.shared-federated",
        "seed 003: a repository is federated or replicated, never both",
    ),
    "a push goes somewhere": Rule(
        {}, push(targets=[]), "sites.us-east.replications.push.libs-local.targets", "no targets"
    ),
    "a target exists": Rule(
        {}, push(targets=["asia"]), "sites.us-east.replications.push.libs-local.targets[0]", "there is no site asia"
    ),
    "a target is another site": Rule(
        {}, push(targets=["us-east"]), "sites.us-east.replications.push.libs-local.targets[0]", "the site itself"
    ),
    "a target once": Rule(
        {}, push(targets=["lab", "lab"]), "sites.us-east.replications.push.libs-local.targets[1]", "lab a second time"
    ),
    "a target has the repository": Rule(
        {**push(targets=["eu-west"]), "sites.eu-west.repositories.local.libs-local": MAVEN},
        push(targets=["eu-west"]),
        "sites.us-east.replications.push.libs-local.targets[0]",
        "eu-west has no local repository libs-local",
    ),
    "a pair makes its own replications": Rule(
        {},
        push(targets=["us-west"]),
        "sites.us-east.replications.push.libs-local.targets[0]",
        "us-west is the target of the pair east",
    ),
    "a Quartz expression": Rule(
        push(cron="0 0/9 14 * * ?"),
        push(cron="0 0 2 * * *"),
        "sites.us-east.replications.push.libs-local.cron",
        "exactly one of day of month and day of week is ?",
    ),
    "six fields": Rule(
        {},
        push(cron="0 2 * * *"),
        "sites.us-east.replications.push.libs-local.cron",
        "6 or 7 fields, seconds first",
    ),
    "an edge of sites": Rule(
        {"trust": {"edges": [{"between": ["us-east", "lab"], "use": "access"}]}},
        {"trust": {"edges": [{"between": ["us-east", "asia"]}]}},
        "trust.edges[0].between[1]",
        "there is no site asia",
    ),
    "an edge of two": Rule(
        {}, {"trust": {"edges": [{"between": ["lab", "lab"]}]}}, "trust.edges[0].between", "lab twice"
    ),
    "an edge has two ends": Rule(
        {},
        {"trust": {"edges": [{"between": ["us-east", "lab", "eu-west"]}]}},
        "trust.edges[0].between",
        "3 items (at most 2)",
    ),
    "an edge once": Rule(
        {"trust": {"edges": [{"between": ["us-east", "lab"]}, {"between": ["us-east", "lab"], "use": "access"}]}},
        {"trust": {"edges": [{"between": ["us-east", "lab"]}, {"between": ["lab", "us-east"]}]}},
        "trust.edges[1]",
        "the same edge a second time",
    ),
    "receiving is of federations": Rule(
        {"trust": {"edges": [{"between": ["us-east", "lab"], "receive_only": True}]}},
        {"trust": {"edges": [{"between": ["us-east", "lab"], "use": "access", "receive_only": True}]}},
        "trust.edges[0].receive_only",
        "given, with use: access",
    ),
    "two members": Rule(
        {}, {f"{SHARED}.members": {"us-east": {}}}, f"{SHARED}.members", "1 members (a federation has two at least)"
    ),
    "ten members": Rule(
        federation_of(10),
        federation_of(11),
        "federations.wide.members",
        "11 members (seed 003: a federation has up to 10)",
    ),
    "somebody sends": Rule(
        {f"{SHARED}.members": {"us-east": {}, "lab": RECEIVER}},
        {f"{SHARED}.members": {"us-east": RECEIVER, "lab": RECEIVER}},
        f"{SHARED}.members",
        "every member is a receiver",
    ),
    "a federation of something": Rule({}, {f"{SHARED}.repositories": {}}, f"{SHARED}.repositories", "no repositories"),
    "no federated back end": Rule(
        {},
        {f"{SHARED}.repositories.tf": {"package_type": "terraformbackend"}},
        f"{SHARED}.repositories.tf.package_type",
        "there is no federated repository",
    ),
    "declared in one place": Rule(
        {"sites.us-east.repositories.local.shared": GENERIC},
        {"sites.lab.repositories.local.Shared-Federated": GENERIC},
        f"{SHARED}.repositories.shared-federated",
        "lab declares Shared-Federated too",
    ),
    "a key in one federation": Rule(
        {"federations.two": {"members": {"us-east": {}, "lab": {}}, "repositories": {"two": GENERIC}}},
        {"federations.two": {"members": {"us-east": {}, "lab": {}}, "repositories": {"shared-federated": GENERIC}}},
        "federations.two.repositories.shared-federated",
        "federation shared has it too",
    ),
    "keys of a federation": Rule(
        {},
        {f"{SHARED}.repositories.Shared-Federated": GENERIC},
        f"{SHARED}.repositories.Shared-Federated",
        "in case only",
    ),
    "docker keys of a federation": Rule(
        {},
        {f"{SHARED}.repositories.Images": {"package_type": "docker"}},
        f"{SHARED}.repositories.Images",
        "Call it images.",
    ),
    "versions that federate": Rule(
        versions(eu_west="7.50.0"),
        versions(eu_west="7.18.2"),
        f"{SHARED}.members.eu-west",
        "federated repositories begin with 7.18.3",
    ),
    "versions that pair": Rule(
        {}, versions(eu_west="7.20.0"), f"{SHARED}.members.eu-west", "pairing begins with 7.29.7"
    ),
    "one version before 7.49.6": Rule(
        versions(eu_west="7.49.6"),
        versions(eu_west="7.49.5"),
        f"{SHARED}.members",
        "versions 7.111.4, 7.49.5 (seed 003",
    ),
    "certificates of the federation service": Rule(
        {"sites.lab.ca_bundle": "ca.pem"},
        {"sites.lab.ca_bundle": "ca.pem", f"{SHARED}.members.eu-west": RECEIVER},
        f"{SHARED}.members.lab",
        "lab has an authority of its own (seed 003",
    ),
    "event logs of one age": Rule(
        {f"sites.{site}.system_properties": {LOG_DAYS: 7} for site in ("us-east", "eu-west")},
        {"sites.eu-west.system_properties": {LOG_DAYS: 7}},
        f"{SHARED}.members",
        "differs: us-east 3, eu-west 7 (seed 003: the same value for each member)",
    ),
    "a receiver needs the service": Rule(
        {f"{SHARED}.members.lab": RECEIVER},
        {f"{SHARED}.members.lab": RECEIVER, **versions(eu_west="7.104.2")},
        f"{SHARED}.members.eu-west",
        "a receiver needs the federation service",
    ),
}


@pytest.mark.parametrize("rule", RULES.values(), ids=[name.replace(" ", "-") for name in RULES])
def test_accepts_and_refuses(rule: Rule) -> None:
    rule.holds()


def test_the_value_of_a_password_among_the_extras_is_not_shown() -> None:
    mistakes = mistakes_in({f"{REMOTE}.x": {**GENERIC, "url": UPSTREAM, "extra": {"password": "hunter2"}}})
    assert mistakes
    assert "hunter2" not in "\n".join(map(str, mistakes))


@pytest.mark.parametrize(
    "text",
    [
        "0 0 12 * * ?", "0 0/9 14 * * ?", "0 0 12 * * ? *", "0 0 2 ? * MON-SAT *", "0 0/30 * * * ?", "0 0 0 ? * * 2099",
        "0 0 /4 * * ?", "0 0 0 L * ?", "0 0 0 LW * ?", "0 0 0 L-3 * ?", "0 0 0 15W * ?", "0 0 0 ? * 6#3", "0 0 0 ? * FRIL",
        "0 0 0 ? * FRI-MON", "0,30 5-10 1-20/5 1,15 jan-mar ?",
    ],
)  # fmt: skip
def test_quartz_accepts(text: str) -> None:
    assert fault_of(text) is None


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("0 0 2 * *", "5 fields"),
        ("0 0 2 * * *", "exactly one"),
        ("0 0 2 ? * ?", "exactly one"),
        ("60 0 2 ? * *", "60 is no second"),
        ("0 60 2 ? * *", "60 is no minute"),
        ("0 0 24 ? * *", "24 is no hour"),
        ("0 0 2 32 * ?", "32 is no day of month"),
        ("0 0 2 0 * ?", "0 is no day of month"),
        ("0 0 2 1 13 ?", "13 is no month"),
        ("0 0 2 1 JANUARY ?", "JANUARY is no month"),
        ("0 0 2 ? * 8", "8 is no day of week"),
        ("0 0 2 ? * 0", "0 is no day of week"),
        ("0 0 2 ? * 6#6", "6#6 is no day of week"),
        ("0 0 2 ? * * 1969", "1969 is no year"),
        ("0 0/99 2 ? * *", "0/99 is no minute"),
        ("0 30-10 2 ? * *", "30-10 is no minute"),
        ("0 5, 2 ? * *", "nothing is no minute"),
        ("? 0 2 ? * *", "is no second"),
        ("0 L 2 ? * *", "L is no minute"),
    ],
)
def test_quartz_refuses(text: str, fault: str) -> None:
    assert fault in str(fault_of(text))
