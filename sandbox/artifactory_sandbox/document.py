"""What the sandbox needs to know of an estate document, read as plain YAML: it imports nothing of the product."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml


class Unreadable(ValueError):
    """The document cannot be read."""


@dataclass(frozen=True, slots=True)
class Site:
    """One site, with `defaults` merged in when it is managed."""

    name: str
    url: str
    managed: bool
    region: str = ""
    account: str = ""
    most_nodes: int = 1
    licence_files: tuple[Path, ...] = ()
    token_file: Path | None = None
    certificate: str = ""
    """ARN of the load balancer's certificate."""

    @property
    def host(self) -> str:
        """The host of its URL."""
        return urlsplit(self.url).hostname or ""


@dataclass(frozen=True, slots=True)
class Document:
    """Sites, and the names that clients use."""

    estate: str = ""
    sites: tuple[Site, ...] = ()
    service_names: tuple[str, ...] = ()
    backend_directory: Path | None = None
    regions: tuple[str, ...] = field(default=())

    @property
    def zones(self) -> set[tuple[str, str]]:
        """(account, zone) of every managed host: its last two labels."""
        managed = [site for site in self.sites if site.managed]
        pairs = {(site.account, _zone(site.host)) for site in managed if site.host}
        return pairs | {(site.account, _zone(name)) for site in managed for name in self.service_names}


def read(path: Path, project: Path) -> Document:
    """Reads a document; relative `file:` references count from the project's directory. Raises Unreadable."""
    try:
        data = yaml.load(path.read_text(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
    except (OSError, yaml.YAMLError) as error:
        raise Unreadable(f"{path}: {error}") from error
    if not isinstance(data, dict) or not isinstance(data.get("sites"), dict):
        raise Unreadable(f"{path}: no estate document: it has no `sites`")
    defaults = data.get("defaults") or {}
    sites = tuple(_site(name, body or {}, defaults, project) for name, body in data["sites"].items())
    pairs = (data.get("disaster_recovery") or {}).values()
    services = tuple(str(pair["service"]["name"]) for pair in pairs if (pair or {}).get("service", {}).get("name"))
    backend = str((data.get("state") or {}).get("backend", ""))
    directory = project / backend.removeprefix("file://") if backend.startswith("file://") else None
    return Document(str(data.get("estate", "")), sites, services, directory)


def _site(name: str, body: dict[str, Any], defaults: dict[str, Any], project: Path) -> Site:
    managed = body.get("platform", "managed") == "managed"
    whole = {**defaults, **body, "aws": {**(defaults.get("aws") or {}), **(body.get("aws") or {})}} if managed else body
    aws, nodes = whole.get("aws") or {}, whole.get("nodes") or {}
    licences = whole.get("licences") or []
    listed = licences if isinstance(licences, list) else [licences]
    return Site(
        name=str(name),
        url=str(whole.get("url", "")),
        managed=managed,
        region=str(aws.get("region", "")),
        account=str(aws.get("account", "")),
        most_nodes=int(nodes.get("max") or nodes.get("count") or 1),
        licence_files=tuple(path for reference in listed if (path := _file(reference, project))),
        certificate=_certificate(defaults, body) if managed else "",
        token_file=_file((whole.get("credentials") or {}).get("token"), project),
    )


def _certificate(defaults: dict[str, Any], body: dict[str, Any]) -> str:
    balancer = {**(defaults.get("load_balancer") or {}), **(body.get("load_balancer") or {})}
    return str(balancer.get("certificate") or "")


def _file(reference: Any, project: Path) -> Path | None:
    text = str(reference or "")
    return project / text.removeprefix("file:") if text.startswith("file:") else None


def _zone(host: str) -> str:
    return ".".join(host.rstrip(".").split(".")[-2:])
