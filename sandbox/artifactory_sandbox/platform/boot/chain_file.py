"""binarystore.xml as a tree of providers: read, expanded from its template, checked (configuration files reference 1.1)."""

import logging
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from artifactory_sandbox.platform.boot.chain_templates import LEGACY_S3, OLD, PARAMETERS, TEMPLATES
from artifactory_sandbox.platform.boot.files import Files
from artifactory_sandbox.platform.boot.refusal import CannotStart

log = logging.getLogger(__name__)

_TAGS = {"provider", "sub-provider", "dynamic-provider"}
_NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?")


@dataclass(slots=True)
class Provider:
    """One provider of the chain with its parameters, what stands inside it, and how it stands there itself."""

    id: str
    type: str
    place: str
    parameters: dict[str, str] = field(default_factory=dict)
    properties: dict[str, str] = field(default_factory=dict)
    inner: list["Provider"] = field(default_factory=list)
    tag: str = "provider"

    def text(self, name: str, default: str = "") -> str:
        """A parameter."""
        return self.parameters.get(name, default)

    def number(self, name: str, default: int) -> int:
        """A parameter in plain digits."""
        return int(self.parameters.get(name, default))

    def flag(self, name: str, default: bool) -> bool:
        """A parameter that is `true` or `false`."""
        return self.parameters.get(name, str(default)).lower() == "true"

    def wrong(self, why: str) -> CannotStart:
        """The refusal of this provider."""
        return CannotStart(f"{self.place}: {self.id}: {why}")

    def behind(self) -> "Provider":
        """The one provider inside."""
        if len(self.inner) != 1 or self.inner[0].tag != "provider":
            raise self.wrong(f"{self.type} needs one provider inside")
        return self.inner[0]

    def chain(self) -> Iterator["Provider"]:
        """This one and all inside it."""
        yield self
        for one in self.inner:
            yield from one.chain()


@dataclass(frozen=True, slots=True)
class ChainFile:
    """The template's name, or none; the outermost provider; the `federated-repo` provider beside the chain."""

    template: str
    outermost: Provider
    federated: Provider | None


def read(files: Files, path: Path) -> ChainFile:
    """Reads the file; raises `CannotStart` for what Artifactory does not start with, and logs what it ignores."""
    place = files.shown(path)
    root, chain = _elements(files, path, place)
    template = chain.get("template", "")
    if template:
        chain = _expanded(template, place, files)
    outermost = _outermost(chain, place)
    by_id: dict[str, Provider] = {}
    for provider in outermost.chain():
        if by_id.setdefault(provider.id, provider) is not provider:
            raise CannotStart(f"{place}: the id '{provider.id}' stands for two providers of the chain")
    federated = None
    for element in root.findall("provider"):
        made = _provider(element, place)
        known = by_id.get(made.id)
        if made.type == "federated-repo":
            federated = made
        elif known is None:
            log.warning(
                "%s: no provider of the chain has the id '%s': what is said below it has no effect", place, made.id
            )
        elif known.type != made.type:
            raise CannotStart(f"{place}: provider {made.id} is a {known.type} in the chain and a {made.type} below it")
        else:
            known.parameters.update(made.parameters)
            known.properties.update(made.properties)
    for provider in (*outermost.chain(), *([federated] if federated else [])):
        _check(provider)
    return ChainFile(template, outermost, federated)


def _elements(files: Files, path: Path, place: str) -> tuple[ET.Element, ET.Element]:
    try:
        root = ET.fromstring(files.read(path))  # noqa: S314  a file of the node's own
    except ET.ParseError as error:
        raise CannotStart(f"{place} is not valid XML: {error}") from error
    if root.tag != "config":
        raise CannotStart(f"{place}: the root element is {root.tag}, not config")
    if not root.get("version"):
        raise CannotStart(f"{place}: config has no version")
    chain = root.find("chain")
    if chain is None:
        raise CannotStart(f"{place}: there is no chain")
    return root, chain


def _expanded(template: str, place: str, files: Files) -> ET.Element:
    if template in LEGACY_S3:
        if files.version().at_least("7.46.3"):
            raise CannotStart(f"{place}: chain template '{template}' is not supported since 7.46.3")
        raise CannotStart(f"{place}: the sandbox does not simulate the chain template '{template}'")
    if template in OLD:
        raise CannotStart(f"{place}: chain template '{template}' is not supported since 5.0")
    if template not in TEMPLATES:
        raise CannotStart(f"{place}: unknown chain template '{template}'")
    return ET.fromstring(f"<chain>{TEMPLATES[template]}</chain>")  # noqa: S314  our own text


def _outermost(chain: ET.Element, place: str) -> Provider:
    found = [child for child in chain if child.tag in _TAGS]
    if not found:
        raise CannotStart(f"{place}: the chain is empty")
    if len(found) > 1 or found[0].tag != "provider":
        raise CannotStart(f"{place}: a chain begins with one provider")
    return _provider(found[0], place)


def _provider(element: ET.Element, place: str) -> Provider:
    kind = element.get("type", "")
    kind = "remote" if kind == "remote-fs" else kind
    if kind in {"s3", "s3Old"}:
        raise CannotStart(f"{place}: provider type '{kind}' is not supported since 7.46.3")
    if kind not in PARAMETERS:
        raise CannotStart(f"{place}: unknown provider type '{kind}'")
    made = Provider(element.get("id") or kind, kind, place, tag=element.tag)
    for child in element:
        if child.tag in _TAGS:
            made.inner.append(_provider(child, place))
        elif child.tag == "property":
            made.properties[child.get("name", "")] = child.get("value", "")
        else:
            made.parameters[child.tag] = (child.text or "").strip()
    return made


def _check(provider: Provider) -> None:
    forms = PARAMETERS[provider.type]
    for name, value in provider.parameters.items():
        form = forms.get(name)
        if form is None:
            log.warning("%s: %s: a %s does not read '%s'", provider.place, provider.id, provider.type, name)
        elif form == "int" and not value.isdecimal():
            raise provider.wrong(f"{name}: '{value}' is not a plain integer")
        elif form == "number" and not _NUMBER.fullmatch(value):
            raise provider.wrong(f"{name}: '{value}' is not a number")
        elif form == "flag" and value.lower() not in {"true", "false"}:
            raise provider.wrong(f"{name}: '{value}' is not true or false")
