"""Documents with one value of a wrong form, unit or range, or that contradict themselves."""

import pytest

from tests.unit.estate.judged import Case, assert_refused

ACCOUNT = 'account: "123456789012"'
US_EAST_NODES = 'nodes: {count: 2, max: 3, size: small}\n    licences: "file:.sandbox/licences/us-east.txt"'
SHARED = "{us-east: {mode: bidirectional}, eu-west: {}, lab: {}}"

CASES: dict[str, Case] = {
    # values
    "estate in capitals": (
        ("estate: acme", "estate: §Acme"),
        "estate",
        '"Acme" has a wrong form (2 to 32 lower-case letters',
    ),
    "site with a line below": (("  lab:\n", "  §the_lab:\n"), "sites.the_lab", 'the key "the_lab" has a wrong form'),
    "repository with a space": (
        ("pypi-local:", "§pypi local:"),
        "sites.us-east.repositories.local.pypi local",
        'the key "pypi local" has a wrong form',
    ),
    "repository key too long": (
        ("pypi-local:", "§" + "x" * 65 + ":"),
        "sites.us-east.repositories.local." + "x" * 65,
        "has a wrong form (1 to 64 letters",
    ),
    "platform": (
        ("platform: external", "platform: §extern"),
        "sites.lab.platform",
        '"extern" is not allowed (allowed: managed, external)',
    ),
    "engine": (
        ("engine: postgresql", "engine: §postgres"),
        "defaults.database.engine",
        "Did you mean postgresql?",
    ),
    "engine by another name": (
        ("engine: postgresql", "engine: §sqlserver"),
        "defaults.database.engine",
        "Did you mean mssql?",
    ),
    "filestore kind": (
        ("kind: s3-storage-v3", "kind: §s3-storage-v2"),
        "defaults.filestore.kind",
        "Did you mean s3-storage-v3?",
    ),
    "load balancer kind": (("kind: nginx", "kind: §ngnix"), "defaults.load_balancer.kind", "Did you mean nginx?"),
    "version of TLS without quotes": (
        ("kind: nginx", "kind: nginx, tls: §1.3"),
        "defaults.load_balancer.tls",
        'Write it in quotes: "1.3".',
    ),
    "package type": (
        ("{package_type: pypi}", "{package_type: §pypy}"),
        "sites.us-east.repositories.local.pypi-local.package_type",
        "Did you mean pypi?",
    ),
    "member mode": (
        ("mode: bidirectional", "mode: §both"),
        "federations.shared.members.us-east.mode",
        "allowed: bidirectional, receiver",
    ),
    "on unreachable": (
        ("on_unreachable: defer", "on_unreachable: §ignore"),
        "federations.shared.on_unreachable",
        "allowed: fail, defer",
    ),
    "reach": (("reach: direct", "reach: §directly"), "sites.us-east.reach", "Did you mean direct?"),
    "size": (
        ("{count: 1, max: 3, size: small}", "{count: 1, size: §tiny}"),
        "sites.us-west.nodes.size",
        "allowed: small, medium",
    ),
    "switch": (
        ("switch: route53", "switch: §dns"),
        "disaster_recovery.east.service.switch",
        "allowed: route53, load_balancer, hook",
    ),
    "on delete": (
        ("replications: remove", "replications: §drop"),
        "disaster_recovery.east.on_delete.replications",
        "allowed: remove, keep",
    ),
    "size without unit": (("cache: 1GiB", "cache: §1000"), "defaults.filestore.cache", "1000 is not a size"),
    "size in GB": (
        ("cache: 1GiB", "cache: §1GB"),
        "defaults.filestore.cache",
        '"1GB" is not a size (a whole number and its unit (MiB, GiB)',
    ),
    "duration without unit": (
        ("rpo: 5m", "rpo: §300"),
        "disaster_recovery.east.objectives.rpo",
        "300 is not a duration",
    ),
    "duration in weeks": (
        ("keep_old_versions: 35d", "keep_old_versions: §5w"),
        "defaults.filestore.bucket.keep_old_versions",
        '"5w" is not a duration',
    ),
    "duration in words": (("rto: 5m", "rto: §5 minutes"), "disaster_recovery.east.objectives.rto", "is not a duration"),
    "no nodes": (
        ("{count: 1, max: 3", "{count: §0, max: 3"),
        "sites.us-west.nodes.count",
        "0 is out of range (at least 1)",
    ),
    "many nodes": (
        ("{count: 1, max: 3", "{count: 1, max: §99"),
        "sites.us-west.nodes.max",
        "99 is out of range (at most 20)",
    ),
    "one zone": (
        ("10.20.0.0/16, zones: 2", "10.20.0.0/16, zones: §1"),
        "sites.us-west.network.create.zones",
        "1 is out of range (at least 2)",
    ),
    "epoch zero": (("epoch: 1", "epoch: §0"), "disaster_recovery.east.epoch", "0 is out of range (at least 1)"),
    "account with eleven digits": (
        (ACCOUNT, 'account: §"12345678901"'),
        "defaults.aws.account",
        "an account number, twelve digits",
    ),
    "account in other digits": (
        (ACCOUNT, 'account: §"١٢٣٤٥٦٧٨٩٠١٢"'),
        "defaults.aws.account",
        "an account number, twelve digits",
    ),
    "region": (("region: eu-west-1", "region: §EU"), "sites.eu-west.aws.region", "a region such as us-east-1"),
    "cidr": (("10.20.0.0/16", "§10.20.0.0/8"), "sites.us-west.network.create.cidr", "a network of /16 to /24"),
    "url without scheme": (
        ("url: http://lab.repo.acme.example\n", "url: §lab.repo.acme.example\n"),
        "sites.lab.url",
        "has a wrong form (http(s)://host[:port][/path]",
    ),
    "url with a label of 64 letters": (
        ("url: http://lab.repo.acme.example\n", f"url: §http://{'a' * 64}.example\n"),
        "sites.lab.url",
        "has a wrong form (http(s)://host[:port][/path]",
    ),
    "url with a port that no machine has": (
        ("url: http://lab.repo.acme.example\n", "url: §http://lab.repo.acme.example:65536\n"),
        "sites.lab.url",
        "ports from 1 to 65535",
    ),
    "url with a slash at the end": (
        ("url: http://lab.repo.acme.example\n", "url: §http://lab.repo.acme.example/\n"),
        "sites.lab.url",
        "without user, query or trailing slash",
    ),
    "digest": (('sha256: "0000', 'sha256: §"xx'), "artifactory.package.sha256", "a SHA-256: 64 lower-case"),
    "version": (
        ("version: 7.111.4", "version: §7.111.x"),
        "artifactory.version",
        "a whole version such as 7.111.4 is wanted",
    ),
    "version with a v": (("version: 7.111.4", "version: §v7.111.4"), "artifactory.version", "a whole version"),
    "backend": (("backend: file://.sandbox/state", "backend: §.sandbox/state"), "state.backend", "file://, s3://"),
    "secrets provider": (
        ("secrets_provider: passphrase", "secrets_provider: §password"),
        "state.secrets_provider",
        "passphrase, or a key",
    ),
    "package source": (
        ("source: sandbox", "source: §http://repo.example/a.rpm"),
        "artifactory.package.source",
        "s3://…, https://… or sandbox",
    ),
    "service name": (
        ("name: repo.acme.example", "name: §repo"),
        "disaster_recovery.east.service.name",
        "a host name in lower case",
    ),
    "secret written out": (
        ('token: "file:.sandbox/lab.token"', "token: §hunter2"),
        "sites.lab.credentials.token",
        "not a reference to a secret",
    ),
    "secret of an unknown scheme": (
        ('token: "file:.sandbox/lab.token"', "token: §vault:lab"),
        "sites.lab.credentials.token",
        "write env:NAME, file:PATH or aws-secretsmanager:NAME",
    ),
    "secret with an unknown option": (
        ('token: "file:.sandbox/lab.token"', "token: §aws-secretsmanager:lab?zone=a"),
        "sites.lab.credentials.token",
        "allowed options are key, region, role",
    ),
    # content
    "serving somewhere else": (
        ("serving: us-east", "serving: §eu-west"),
        "disaster_recovery.east.serving",
        "eu-west is not in the pair",
    ),
    "member that does not exist": (
        (SHARED, "{us-east: {}, §asia: {}}"),
        "federations.shared.members.asia",
        "there is no site asia (sites: us-east, us-west, eu-west, lab)",
    ),
    "target that does not exist": (
        ("target: us-west", "target: §us-wets"),
        "disaster_recovery.east.target",
        "there is no site us-wets",
    ),
    "virtual member that does not exist": (
        ("repositories: [libs-local]", "repositories: [§lib-local]"),
        "sites.us-east.repositories.virtual.libs.repositories[0]",
        "there is no repository lib-local at this site",
    ),
    "max below count": (
        (US_EAST_NODES, US_EAST_NODES.replace("max: 3", "max: §1")),
        "sites.us-east.nodes.max",
        "1 is less than count: 2",
    ),
    "old versions below the window": (
        ("keep_old_versions: 35d", "keep_old_versions: §3d"),
        "defaults.filestore.bucket.keep_old_versions",
        "3d is less than the database's point_in_time of 7d (files reference 7.3",
    ),
    "redundancy": (
        ("cache: 1GiB", "cache: 1GiB, redundancy: §3"),
        "defaults.filestore.redundancy",
        "seed 001: R copies on M mounts, R must not exceed M",
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=[name.replace(" ", "-") for name in CASES])
def test_refused_where_it_stands(case: Case) -> None:
    assert_refused(case)
