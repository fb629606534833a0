"""Names of the features of an Enterprise+ licence, as Version and Add-ons lists them (1.1)."""

ADDONS = (
    *("aol", "aql", "artifactory-bundle", "blackduck", "build", "chef", "conan", "debian", "distribution", "docker"),
    *("federated", "filestore", "filtered-resources", "ha", "helm", "layouts", "ldap", "license", "multipush", "npm"),
    *("nuget", "opkg", "p2", "pkg-layouts", "properties", "puppet", "pypi", "replication", "rest", "rpm", "search"),
    *("smart-repo", "sso", "vagrant", "vcs", "watch", "webstart", "xray"),
)
