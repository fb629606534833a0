"""Charts: read from the archives that a repository holds, or from the index of an upstream."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatch
from typing import TYPE_CHECKING, Any, BinaryIO
from urllib.parse import unquote, urlsplit

import yaml

from artifactory_sandbox.platform.clock import iso
from artifactory_sandbox.platform.packages import said, sources
from artifactory_sandbox.platform.packages.archives import BadArchive, tar_member
from artifactory_sandbox.platform.packages.npm.names import rank
from artifactory_sandbox.platform.packages.sources import Source
from artifactory_sandbox.platform.state import Row

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

INDEX = "index.yaml"
_EXTERNAL = "external"
_CHART_LIMIT = 1024 * 1024
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,249}\Z")


class _Loader(yaml.CSafeLoader):
    """Leaves versions and dates the texts that they are in a chart: `1.10` is no number."""

    yaml_implicit_resolvers = {
        letter: [(tag, pattern) for tag, pattern in resolvers if tag.rpartition(":")[2] in {"bool", "null", "merge"}]
        for letter, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
    }


@dataclass(frozen=True, slots=True)
class Chart:
    """One version of a chart. `path` is where the repository keeps it, `address` where an upstream has it."""

    fields: Mapping[str, Any]
    path: str
    digest: str
    created: str
    address: str = ""
    outside: bool = False
    """The upstream's index sends clients elsewhere, and this repository does not fetch from there."""

    namespace: str = ""
    """The repository that it comes from, where a virtual one tells them apart (`useNamespaces`)."""

    @property
    def name(self) -> str:
        """Name under which the index lists it."""
        name = str(self.fields["name"])
        return f"{self.namespace}/{name}" if self.namespace else name

    @property
    def version(self) -> str:
        """Its version."""
        return str(self.fields["version"])


def read(file: BinaryIO, whole: bool = False) -> Mapping[str, Any] | None:
    """`Chart.yaml` of an archive; None when it is no chart. Raises `BadArchive`."""
    raw = tar_member(file, lambda name: name.count("/") == 1 and name.endswith("/Chart.yaml"), whole)
    found = loaded(raw, _CHART_LIMIT) if raw is not None else None
    if not isinstance(found, dict) or not all(isinstance(found.get(one), str) for one in ("name", "version")):
        return None
    if not _NAME.match(found["name"]) or not rank(_full(found))[0]:
        return None
    return found


def _full(fields: Mapping[str, Any]) -> str:
    """The version with three numbers, as Helm is lenient."""
    number, dash, rest = str(fields.get("version", "")).lstrip("v").partition("-")
    return f"{number}{'.0' * (2 - number.count('.'))}{dash}{rest}"


def loaded(raw: bytes, limit: int = sources.CONTENT_LIMIT) -> Any:
    """YAML of a stranger, None when it cannot be read; aliases are refused, as they could grow without end."""
    if len(raw) > limit:
        return None
    try:
        if b"*" in raw and any(isinstance(token, yaml.AliasToken) for token in yaml.scan(raw, yaml.CSafeLoader)):
            return None
        return yaml.load(raw, _Loader)  # noqa: S506  a safe loader with fewer types
    except (yaml.YAMLError, ValueError, RecursionError):
        return None


def _quietly(file: BinaryIO) -> Mapping[str, Any] | None:
    try:
        return read(file)
    except BadArchive:
        return None


_charts = sources.Remembered(_quietly)
_indexes = sources.Remembered(lambda file: _entries(file.read()), most=16)


def described(platform: "Platform", row: Row) -> Mapping[str, list[str]]:
    """Properties of a chart that was deployed by its path."""
    found = _charts.of(platform, row) if row["name"].endswith(".tgz") else None
    if found is None:
        return {}
    named = {"chart.name": "name", "chart.version": "version", "chart.appVersion": "appVersion"}
    return sources.noted({name: [str(found.get(field) or "")] for name, field in named.items()})


def _of_items(platform: "Platform", source: Source) -> list[Chart]:
    found = []
    for row in sources.files(platform, source):
        fields = _charts.of(platform, row) if row["name"].endswith(".tgz") else None
        if fields is not None:
            found.append(Chart(fields, row["path"], row["sha256"], iso(row["created"])))
    return found


_stored = sources.Derived(_of_items)


def stored(platform: "Platform", source: Source) -> list[Chart]:
    """Charts that a repository holds itself."""
    return _stored.of(platform, source)


def of_source(platform: "Platform", source: Source) -> list[Chart]:
    """Charts of one repository: its own, or those of its upstream's index; what its cache holds when that is away."""
    listed = upstream(platform, source) if source.rclass == "remote" else None
    return stored(platform, source) if listed is None else listed


def merged(platform: "Platform", found: Iterable[Source], namespaces: bool = False) -> list[Chart]:
    """Charts over repositories in their order; the first that has a version wins, unless each has its namespace."""
    charts: dict[tuple[str, str], Chart] = {}
    for source in found:
        for one in of_source(platform, source):
            chart = one
            if namespaces:
                path = one.path if one.outside else f"{source.repo}/{one.path}"
                chart = replace(one, path=path, namespace=source.repo)
            charts.setdefault((chart.name, chart.version), chart)
    return list(charts.values())


def upstream(platform: "Platform", source: Source) -> list[Chart] | None:
    """Charts of a remote's upstream; None when it is away."""
    row = sources.upstream(platform, source, INDEX, INDEX)
    entries = _indexes.of(platform, row) if row is not None else None
    return None if entries is None else [chart for fields in entries if (chart := _placed(source, fields))]


def _entries(raw: bytes) -> list[dict[str, Any]] | None:
    document = loaded(raw)
    entries = document.get("entries") if isinstance(document, dict) else None
    if not isinstance(entries, dict):
        return None
    found = [one for versions in entries.values() if isinstance(versions, list) for one in versions]
    return [one for one in found if isinstance(one, dict) and _usable(one)]


def _usable(fields: Mapping[str, Any]) -> bool:
    urls, named = fields.get("urls"), all(isinstance(fields.get(one), str) for one in ("name", "version"))
    return named and isinstance(urls, list) and bool(urls)


def _placed(source: Source, fields: Mapping[str, Any]) -> Chart | None:
    home = str(source.config["url"]).rstrip("/") + "/"
    base = str(source.config.get("chartsBaseUrl") or home).rstrip("/") + "/"
    link = str(fields["urls"][0]).replace("local://", "")
    found = said.address(base, link)
    if not found and not link.startswith("oci://"):
        return None
    address = sources.rebased(source, found) if found else link
    inside = next((one for one in (base, home) if address.startswith(one)), None)
    if inside is not None:
        path, outside = unquote(address[len(inside) :]), False
    elif not found:
        path, outside = "", True
    else:
        there = urlsplit(address)
        path, outside = f"{_EXTERNAL}/{there.scheme}/{there.netloc}{there.path}", not _may_fetch(source, address)
    kept = {name: value for name, value in fields.items() if name not in {"urls", "digest", "created"}}
    return Chart(kept, path, str(fields.get("digest") or ""), str(fields.get("created") or ""), address, outside)


def _may_fetch(source: Source, address: str) -> bool:
    patterns = [str(one).replace("**", "*") for one in source.config.get("externalDependenciesPatterns") or ["**"]]
    return bool(source.config.get("externalDependenciesEnabled")) and any(fnmatch(address, one) for one in patterns)


def index(charts: Iterable[Chart], base: str) -> bytes:
    """`index.yaml`; `base` stands before the path of each chart, empty for addresses relative to the index.

    The time of its making is that of the youngest chart, so that every node makes the same one.
    """
    entries: dict[str, list[dict[str, Any]]] = {}
    for chart in sorted(charts, key=lambda one: (one.name, rank(_full(one.fields))), reverse=True):
        url = chart.address if chart.outside else f"{base}{chart.path}"
        shown = {**chart.fields, "created": chart.created, "digest": chart.digest, "urls": [url]}
        entries.setdefault(chart.name, []).append({name: value for name, value in shown.items() if value != ""})
    youngest = max(
        (one["created"] for all_of in entries.values() for one in all_of if "created" in one), default=iso(0)
    )
    document = {"apiVersion": "v1", "entries": dict(sorted(entries.items())), "generated": youngest}
    made: bytes = yaml.dump(document, Dumper=yaml.CSafeDumper, encoding="utf-8", allow_unicode=True)
    return made
