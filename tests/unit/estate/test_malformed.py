"""Documents whose YAML, keys or types are spoilt in one place: refused there, with the path and the way out."""

import pytest

from tests.unit.estate.judged import Case, assert_refused

ACCOUNT = 'account: "123456789012"'
US_EAST_NODES = 'nodes: {count: 2, max: 3, size: small}\n    licences: "file:.sandbox/licences/us-east.txt"'

CASES: dict[str, Case] = {
    # YAML
    "duplicate key": (
        ("estate: acme", "estate: acme\n§estate: other"),
        "estate",
        "duplicate key (the first one is in line 1)",
    ),
    "duplicate site": (
        ("  us-west:\n", "  §us-east: {}\n  us-west:\n"),
        "sites.us-east",
        "duplicate key (the first one is in line 14)",
    ),
    "duplicate key, deep": (
        (
            'size: small}\n    licences: "file:.sandbox/licences/eu',
            'size: small, §count: 3}\n    licences: "file:.sandbox/licences/eu',
        ),
        "sites.eu-west.nodes.count",
        "duplicate key",
    ),
    "tag": (("estate: acme", "estate: §!str acme"), "estate", "a YAML tag (plain YAML only"),
    "python tag": (("estate: acme", "estate: §!!python/object/apply:os.system [ls]"), "estate", "a YAML tag"),
    "alias to nothing": (("estate: acme", "estate: §*name"), "estate", "an alias to nothing"),
    "alias to itself": (
        ("{owner: platform}", "&tags {owner: §*tags}"),
        "defaults.aws.tags.owner",
        "an alias to nothing (its anchor has to stand above, and be complete there)",
    ),
    "merge of a text": (("state:\n", "state:\n  §<<: text\n"), "state", "a merge key of something that is no mapping"),
    "leading zero": ((ACCOUNT, "account: §012345678901"), "defaults.aws.account", "a number with a leading zero"),
    "tabs": (("  backend:", "§\tbackend:"), "", "Indent with spaces, not with tabs."),
    "open quote": (
        ("on_delete: {replications: remove}     # keep\n", "on_delete: §'x"),
        "",
        "not YAML (found unexpected end of stream",
    ),
    "bracket not closed": (
        (
            "pypi-local: {package_type: pypi}\n        images-local: {",
            "pypi-local: {package_type: pypi\n        images-local§: {",
        ),
        "",
        "not YAML (did not find expected ',' or '}'",
    ),
    "two documents": (("estate: acme", "estate: acme\n§---\nx: y"), "", "a second YAML document begins here"),
    "key is a list": (("estate: acme", "estate: acme\n? §[a, b]\n: c"), "", "a key that is no text"),
    "control character": (
        ("description: our own", 'description: §"our\\x07own"'),
        "sites.us-east.repositories.local.libs-local.description",
        "a control character",
    ),
    # keys
    "unknown key at the top": (
        ("state:\n", "§sate: x\nstate:\n"),
        "sate",
        "unknown key (allowed here: artifactory, disaster_recovery",
    ),
    "unknown key suggests": (
        (US_EAST_NODES, US_EAST_NODES.replace("max: 3", "§maxx: 3")),
        "sites.us-east.nodes.maxx",
        "Did you mean max?",
    ),
    "unknown key in defaults": (
        ("multi_az: true", "§multi-az: true"),
        "defaults.database.multi-az",
        "Did you mean multi_az?",
    ),
    "unknown key in a repository": (
        ("{package_type: pypi}", "{package_type: pypi, §packagetype: x}"),
        "sites.us-east.repositories.local.pypi-local.packagetype",
        "unknown key",
    ),
    "key of external sites at a managed one": (
        ("    reach: direct ", '    §credentials: {token: "env:T"}\n    reach: direct '),
        "sites.us-east.credentials",
        "a key of external sites only (design 3: the administrator of a site that we build",
    ),
    "key of managed sites at an external one": (
        ("    available: true", "    §nodes: {count: 1}"),
        "sites.lab.nodes",
        "a key of managed sites only (design 3: an external site runs already",
    ),
    "platform among the defaults": (
        ("  load_balancer: {kind: nginx}", "  §platform: managed\n  load_balancer: {kind: nginx}"),
        "defaults.platform",
        "not among the defaults",
    ),
    "no estate": (("estate: acme", "§tags: {}"), "estate", "missing (required: Its name"),
    "no backend": (
        ("state:\n  backend: file://.sandbox/state ", "§state:\n#"),
        "state.backend",
        "missing (required: `file://…` relative",
    ),
    "no platform": (
        ("  us-east:\n    platform: managed\n", "  §us-east:\n"),
        "sites.us-east.platform",
        "missing (required: managed or external)",
    ),
    "no url": (
        (
            "  us-east:\n    platform: managed\n    url: http://us-east.repo.acme.example\n",
            "  §us-east:\n    platform: managed\n",
        ),
        "sites.us-east.url",
        "missing (required: Platform URL",
    ),
    "no count, and more nodes than max": (
        ("nodes: {count: 1, max: 3, size: small}", "nodes: {max: §3, size: xlarge}"),
        "sites.us-west.nodes.max",
        "3 is less than count: 4",
    ),
    "no region": (
        ("    aws: {region: us-west-2}\n", ""),
        ("  aws: {acc", "  §aws: {acc"),
        "defaults.aws.region",
        "missing (required: `us-east-1`)",
    ),
    "no package type": (
        ("pypi-local: {package_type: pypi}", "§pypi-local: {}"),
        "sites.us-east.repositories.local.pypi-local.package_type",
        "missing",
    ),
    "no epoch": (
        (
            "  east:\n    master: us-east\n    target: us-west\n    serving: us-east\n    epoch: 1\n",
            "  §east:\n    master: us-east\n    target: us-west\n    serving: us-east\n",
        ),
        "disaster_recovery.east.epoch",
        "missing (required: Grows with every change",
    ),
    # types
    "version without quotes": (
        ('version: "15"', "version: §15"),
        "defaults.database.version",
        'Write it in quotes: "15".',
    ),
    "version is a float": (
        ('version: "15"', "version: §15.4"),
        "defaults.database.version",
        'Write it in quotes: "15.4".',
    ),
    "account without quotes": (
        (ACCOUNT, "account: §123456789012"),
        "defaults.aws.account",
        'Write it in quotes: "123456789012".',
    ),
    "yes": (("multi_az: true", "multi_az: §yes"), "defaults.database.multi_az", "Write true, without quotes."),
    "off": (("available: true", "available: §off"), "sites.lab.available", "Write false, without quotes."),
    "quoted truth": (("available: true", 'available: §"true"'), "sites.lab.available", "Write true, without quotes."),
    "number of nodes is a text": (
        ("{count: 1, max: 3", '{count: §"1", max: 3'),
        "sites.us-west.nodes.count",
        "Write it without quotes.",
    ),
    "number of nodes is a float": (
        ("{count: 1, max: 3", "{count: §1.5, max: 3"),
        "sites.us-west.nodes.count",
        "a whole number is wanted",
    ),
    "number of nodes is a word": (
        ("{count: 1, max: 3", "{count: §one, max: 3"),
        "sites.us-west.nodes.count",
        'wrong type: "one" is a text',
    ),
    "sexagesimal": (("epoch: 1", "epoch: §1:30"), "disaster_recovery.east.epoch", "wrong type"),
    "date": (("epoch: 1", "epoch: §2026-01-01"), "disaster_recovery.east.epoch", "wrong type"),
    "list for a mapping": (
        ("nodes: {count: 1, max: 3, size: small}", "§nodes: [1, 3]"),
        "sites.us-west.nodes",
        "wrong type: a list (a mapping is wanted)",
    ),
    "mapping for a list": (
        ("repositories: [libs-local]", "§repositories: {libs-local: {}}"),
        "sites.us-east.repositories.virtual.libs.repositories",
        "a list is wanted",
    ),
    "text for a mapping": (
        ("    reach: direct ", "    keys: §none\n    reach: direct "),
        "sites.us-east.keys",
        "wrong type: a text (a mapping is wanted)",
    ),
    "nothing for a text": (("estate: acme", "estate: §~"), "estate", "wrong type: nothing (a text is wanted)"),
    "sites is a list": (("sites:\n  us-east:", "§sites: []\nsitess:\n  us-east:"), "sites", "wrong type: a list"),
    "defaults is a text": (("defaults:  ", "defaults: §text\nx:  "), "defaults", "wrong type (a mapping is wanted)"),
    "description is a number": (
        ("description: our own", "description: §42"),
        "sites.us-east.repositories.local.libs-local.description",
        'Write it in quotes: "42".',
    ),
    "property is a list": (
        ("artifactory.search.maxResults: 500", "§artifactory.search.maxResults: [500]"),
        "sites.us-east.system_properties.artifactory.search.maxResults",
        "a text or a whole number or true or false is wanted",
    ),
    "property is a float": (
        ("maxResults: 500", "maxResults: §0.5"),
        "sites.us-east.system_properties.artifactory.search.maxResults",
        "a text or a whole number",
    ),
    "tags are numbers": (("{owner: platform}", "{owner: §7}"), "defaults.aws.tags.owner", 'Write it in quotes: "7".'),
}


@pytest.mark.parametrize("case", CASES.values(), ids=[name.replace(" ", "-") for name in CASES])
def test_refused_where_it_stands(case: Case) -> None:
    assert_refused(case)
