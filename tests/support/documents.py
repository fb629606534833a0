"""Small estates for the sandbox."""

HEAD = """\
estate: small
state: {backend: "file://.sandbox/state"}
artifactory:
  version: 7.111.4
  package: {source: sandbox, sha256: "0000000000000000000000000000000000000000000000000000000000000000"}
defaults:
  aws: {account: "123456789012"}
  nodes: {count: 1, size: small}
  load_balancer: {kind: nginx}
sites:
"""

EAST = """\
  us-east:
    platform: managed
    url: http://us-east.repo.small.example
    aws: {region: us-east-1}
    network: {create: {cidr: 10.10.0.0/16}}
    licences: "file:.sandbox/licences/us-east.txt"
    repositories:
      local:
        libs-local: {package_type: maven}
        files-local: {package_type: generic}
      virtual:
        libs: {package_type: maven, repositories: [libs-local], deploy_to: libs-local}
"""

WEST = """\
  us-west:
    platform: managed
    url: http://us-west.repo.small.example
    aws: {region: us-west-2}
    network: {create: {cidr: 10.20.0.0/16}}
    licences: "file:.sandbox/licences/us-west.txt"
"""

LAB = """\
  lab:
    platform: external
    url: http://lab.repo.small.example
    credentials: {token: "file:.sandbox/lab.token"}
    available: true
    repositories:
      local:
        lab-local: {package_type: generic}
"""

FEDERATION = """\
federations:
  shared:
    members: {us-east: {}, lab: {}}
    repositories: {shared-federated: {package_type: generic}}
    on_unreachable: defer
"""

PAIR = """\
disaster_recovery:
  east:
    master: us-east
    target: us-west
    serving: us-east
    epoch: 1
    service: {name: repo.small.example, ttl: 30s, switch: route53}
    schedule: {delay: 1s, interval: 1s}
"""

ONE_SITE = HEAD + EAST
WITH_LAB = HEAD + EAST + LAB + FEDERATION
WHOLE = HEAD + EAST + WEST + LAB + FEDERATION + PAIR
LAB_ONLY = HEAD.replace("  nodes: {count: 1, size: small}\n", "") + LAB
