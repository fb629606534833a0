"""What a site declares of artifactory.system.properties."""

from typing import Any

from pydantic import ConfigDict

from artifactory_estate.base import Model
from artifactory_estate.site.properties.table import Property, Value, known


def _with_the_known(schema: dict[str, Any]) -> None:
    """The document's JSON Schema names every property, so that an editor can."""
    schema["properties"] |= {key: _schema(each) for key, each in known().items()}
    schema["additionalProperties"] = False


class SystemProperties(Model):
    """Properties by their names, of those that the [reference](#system-properties) has; `extra` for any other one.

    A change restarts the nodes one after another; no instance is replaced.
    """

    model_config = ConfigDict(extra="allow", json_schema_extra=_with_the_known)
    __pydantic_extra__: dict[str, Value]

    extra: dict[str, Value] = {}
    """Properties that the reference does not name, each beginning with `artifactory.`: written as they stand, unjudged."""

    @property
    def named(self) -> dict[str, Value]:
        """Those that stand beside `extra`."""
        return dict(self.__pydantic_extra__)

    @property
    def declared(self) -> dict[str, Value]:
        """All of them."""
        return {**self.named, **self.extra}

    def number(self, key: str, default: int) -> int:
        """A declared number, or `default`, also where what is declared is no number."""
        value = str(self.declared.get(key, default))
        return int(value) if value.removeprefix("-").isdigit() else default

    def says(self, key: str, value: Value) -> bool:
        """Whether exactly that is declared."""
        return str(self.declared.get(key, "")).lower() == str(value).lower()


def _schema(each: Property) -> dict[str, Any]:
    facts = [each.meaning, f"Default {each.default}." if each.default else "", f"({each.cited})"]
    described: dict[str, Any] = {"description": " ".join(filter(None, facts))}
    if each.type == "number":
        limits = {"minimum": int(each.least or 0)} | ({"maximum": int(each.most)} if each.most else {})
        return described | {"anyOf": [{"type": "integer", **limits}, {"type": "string", "pattern": "^[0-9]{1,18}$"}]}
    if each.type == "truth":
        return described | {"anyOf": [{"type": "boolean"}, {"type": "string", "pattern": "^([Tt]rue|[Ff]alse)$"}]}
    return described | {"type": "string"}
