"""The layouts of a fresh server (12.3.2): data."""

from collections.abc import Mapping

_SNAPSHOT, _UNIQUE = "SNAPSHOT", r"SNAPSHOT|(?:(?:[0-9]{8}.[0-9]{6})-(?:[0-9]+))"
_ANY = r".*"


def _layout(pattern: str, descriptor: str = "", folder: str = _ANY, file: str = _ANY) -> Mapping[str, object]:
    shown = {"artifactPathPattern": pattern, "distinctiveDescriptorPathPattern": bool(descriptor)}
    if descriptor:
        shown["descriptorPathPattern"] = descriptor
    return {**shown, "folderIntegrationRevisionRegExp": folder, "fileIntegrationRevisionRegExp": file}


_PLAIN = "[orgPath]/[module]/[module]-[baseRev].[ext]"
_MAVEN = "[orgPath]/[module]/[baseRev](-[folderItegRev])/[module]-[baseRev](-[fileItegRev])(-[classifier])"
_NPM = "[orgPath]/[module]/[module]-[baseRev](-[fileItegRev]).tgz"
_REVISION = r"\d{14}"

LAYOUTS: Mapping[str, Mapping[str, object]] = {
    "maven-2-default": _layout(f"{_MAVEN}.[ext]", f"{_MAVEN}.pom", _SNAPSHOT, _UNIQUE),
    "maven-1-default": _layout(
        "[org]/[type]s/[module]-[baseRev](-[fileItegRev])(-[classifier]).[ext]",
        "[org]/[type]s/[module]-[baseRev](-[fileItegRev]).pom",
        ".+",
        ".+",
    ),
    "ivy-default": _layout(
        "[org]/[module]/[baseRev](-[folderItegRev])/[type]s/[module](-[classifier])-[baseRev](-[fileItegRev]).[ext]",
        "[org]/[module]/[baseRev](-[folderItegRev])/[type]s/ivy-[baseRev](-[fileItegRev]).xml",
        _REVISION,
        _REVISION,
    ),
    "gradle-default": _layout(
        "[org]/[module]/[baseRev](-[folderItegRev])/[module]-[baseRev](-[fileItegRev])(-[classifier]).[ext]",
        "[org]/[module]/ivy-[baseRev](-[fileItegRev]).xml",
        _REVISION,
        _REVISION,
    ),
    "sbt-default": _layout(
        "[org]/[module]/(scala_[scalaVersion<.+>])/(sbt_[sbtVersion<.+>])/[baseRev]/[type]s/[module](-[classifier]).[ext]",
        "[org]/[module]/(scala_[scalaVersion<.+>])/(sbt_[sbtVersion<.+>])/[baseRev]/[type]s/ivy.xml",
        _REVISION,
        _REVISION,
    ),
    "simple-default": _layout(_PLAIN),
    "ansible-default": _layout(_PLAIN),
    "bower-default": _layout("[orgPath]/[module]/[module]-[baseRev](-[fileItegRev]).[ext]"),
    "build-default": _layout("[orgPath]/[module](-[fileItegRev])-[baseRev].[ext]"),
    "cargo-default": _layout("crates/[module]/[module]-[baseRev].[ext]"),
    "composer-default": _layout("[orgPath]/[module]/[module]-[baseRev](-[fileItegRev]).[ext]"),
    "conan-default": _layout("[org]/[module]/[baseRev]/[channel<[^/]+>][remainder<(?:.*)>]"),
    "go-default": _layout("[orgPath]/[module]/@v/v[refs].zip"),
    "nix-default": _layout(_PLAIN),
    "npm-default": _layout(_NPM),
    "nuget-default": _layout("[orgPath]/[module]/[module].[baseRev](-[fileItegRev]).nupkg"),
    "puppet-default": _layout("[orgPath]/[module]/[orgPath]-[module]-[baseRev].tar.gz"),
    "swift-default": _layout("[orgPath]/[module]/[module]-[baseRev].zip"),
    "terraform-module-default": _layout("[orgPath]/[module]/[provider<[^/]+>]/[baseRev].[ext]"),
    "terraform-provider-default": _layout("[orgPath]/[module]/[baseRev]/[module]_[baseRev]_[os<.+>]_[arch<.+>].zip"),
    "vcs-default": _layout(
        r"[orgPath]/[module]/[refs<tags|branches>]/[baseRev]/[module]-[baseRev](-[fileItegRev])(-[classifier]).[ext]"
    ),
}
