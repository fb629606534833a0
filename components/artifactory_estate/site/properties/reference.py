"""The properties as a section of the reference of the document."""

from artifactory_estate.site.properties.table import Property, known

_HEAD = """\
## System properties

Keys of `sites.<name>.system_properties`, from the files reference, section by section; any other one stands below `extra`.
Written to artifactory.system.properties of every node, those without a prefix as `artifactory.…`. Every change restarts the
nodes one after another. *node*: each node does so for itself; *cluster*: the value means the cluster.

| property | type | default | since | scope, area | meaning | source |
|---|---|---|---|---|---|---|
"""


def reference() -> str:
    """Markdown."""
    return _HEAD + "".join(f"{_row(each)}\n" for each in known().values())


def _row(each: Property) -> str:
    kind = ", ".join(filter(None, [each.type, each.unit, each.range]))
    since = each.since.replace(" ", ", ") + (f" to before {each.until}" if each.until else "")
    default = f"`{each.default}`" if each.default else ""
    meaning = each.meaning.replace("|", "\\|")
    cells = (f"`{each.key}`", kind, default, since, f"{each.scope}, {each.area}", meaning, each.source)
    return f"| {' | '.join(cells)} |"
