"""The document as it was written: `defaults` merged in, and every path's line and column."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from artifactory_estate.base import DocumentPath, Refusal
from artifactory_estate.estate.yaml_tree import (
    WEIGHT_MAX,
    Entry,
    Fault,
    Mapping,
    Mark,
    Node,
    NotReadable,
    Scalar,
    mapping,
    nodes_of,
    plain,
)


@dataclass(frozen=True)
class Source:
    """A document that was read and not yet judged."""

    root: Mapping
    """As written, with `defaults`."""
    merged: Mapping
    """Without `defaults`, which stand in every managed site that does not say otherwise."""

    @property
    def defaults(self) -> Entry | None:
        """The `defaults`, if there are any."""
        return self.root.entries.get("defaults")

    def data(self) -> Any:
        """Plain data of the merged document."""
        return plain(self.merged)

    def fault(self, refusal: Refusal, about_key: bool = False) -> Fault:
        """Where a refusal belongs: at the value, or at the key for `about_key` and where the value is a collection.

        What comes from `defaults` gets its path there, so it is the same for every site.
        """
        within_root = refusal.path[:1] == ("defaults",)
        mark, node, depth = _find(self.root if within_root else self.merged, refusal.path, about_key)
        home = None if within_root else self._defaults.get(id(node))
        if home is None:
            return Fault(mark, refusal)
        return Fault(mark, Refusal((*home, *refusal.path[depth:]), refusal.found, refusal.why, refusal.do))

    def declared_at(self, path: DocumentPath) -> tuple[Mark, bool] | None:
        """Where `path` stands, and whether among the `defaults`; None where nothing, or null, does."""
        mark, node, depth = _find(self.merged, path, about_key=False)
        if depth < len(path) or (isinstance(node, Scalar) and node.value is None):
            return None
        return mark, id(node) in self._defaults

    @cached_property
    def _defaults(self) -> dict[int, DocumentPath]:
        """Nodes of `defaults` by identity: merging keeps them."""
        entry = self.defaults
        return {id(node): path for path, node in nodes_of(entry.value, ("defaults",))} if entry else {}


def source_of(root: Mapping) -> Source:
    """Merge `defaults` into the managed sites. A `defaults` or `sites` that is no mapping is left for validation.

    Raises `NotReadable` when that makes more of it than we read.
    """
    entries = {key: entry for key, entry in root.entries.items() if key != "defaults"}
    defaults, sites = root.entries.get("defaults"), entries.get("sites")
    if defaults and sites and isinstance(defaults.value, Mapping) and isinstance(sites.value, Mapping):
        merged = {name: _with_defaults(site, defaults.value) for name, site in sites.value.entries.items()}
        entries["sites"] = Entry(sites.key_mark, mapping(sites.value.mark, merged))
        if entries["sites"].value.weight > WEIGHT_MAX:
            found = f"more than {WEIGHT_MAX} values in all sites together"
            raise NotReadable(defaults.key_mark, Refusal(("defaults",), found, "the limit of a document"))
    return Source(root, mapping(root.mark, entries))


def _find(root: Mapping, path: DocumentPath, about_key: bool) -> tuple[Mark, Node, int]:
    """The mark of `path` or of its nearest holder, its node, and how many parts of `path` exist."""
    node: Node = root
    mark = node.mark
    for depth, part in enumerate(path):
        if isinstance(node, Mapping) and part in node.entries:
            key_mark, node = node.entries[str(part)]
            by_value = isinstance(node, Scalar) and not (about_key and depth == len(path) - 1)
            mark = node.mark if by_value else key_mark
        elif not isinstance(node, Mapping | Scalar) and isinstance(part, int) and part < len(node.items):
            node = node.items[part]
            mark = node.mark
        else:
            return mark, node, depth
    return mark, node, len(path)


def _with_defaults(site: Entry, defaults: Mapping) -> Entry:
    if not isinstance(site.value, Mapping):
        return site
    platform = site.value.entries.get("platform")
    managed = platform and isinstance(platform.value, Scalar) and platform.value.value == "managed"
    return Entry(site.key_mark, _merge(defaults, site.value)) if managed else site


def _merge(below: Mapping, above: Mapping) -> Mapping:
    """`above` wins; mappings are merged key by key, everything else is replaced whole."""
    entries = dict(below.entries)
    for key, entry in above.entries.items():
        lower = below.entries.get(key)
        if lower and isinstance(lower.value, Mapping) and isinstance(entry.value, Mapping):
            entries[key] = Entry(entry.key_mark, _merge(lower.value, entry.value))
        else:
            entries[key] = entry
    return mapping(above.mark, entries)
