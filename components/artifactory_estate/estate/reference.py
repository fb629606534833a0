"""The reference of the document, from the models' own docstrings. `make docs` writes it, with the commands, to a file."""

import types
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Le, MinLen
from pydantic import StringConstraints
from pydantic.fields import FieldInfo

from artifactory_estate.base import Model, duration_text, size_text
from artifactory_estate.base.secret_ref import Sensitive
from artifactory_estate.base.text_form import words_for
from artifactory_estate.estate.model import Estate
from artifactory_estate.site.properties.reference import reference as properties

_HEAD = """\
# Reference of the estate document

Generated from the models; `make docs` writes it anew. What a key means stands beside it, with its source: *seed* and
*reference* name the documents that the product is built from.

Durations are written `30s`, `5m`, `2h`, `35d`; sizes `512MiB`, `1GiB`. A *secret* is never written but named: `env:NAME`,
`file:PATH` or `aws-secretsmanager:NAME?region=…&role=…&key=…` (region and role to read it with, key of a JSON object).
Relative paths begin at the folder of `Pulumi.yaml`. A document may have a key `defaults` besides: it is merged into every
managed site, key by key, and what the site says itself wins.
"""

Paths = Mapping[type[Model], Sequence[str]]


def reference() -> str:
    """Markdown: a section for each model, in the order in which a reader of the document meets them."""
    sections = [_section(model, paths) for model, paths in _met().items()]
    return "\n".join([_HEAD, *sections, properties()])


def _section(model: type[Model], paths: Sequence[str]) -> str:
    where = [f"Stands at {', '.join(f'`{path}`' for path in paths)}."] if paths != [""] else []
    head = f"## {model.__name__}\n\n{' '.join([_sentence(model.__doc__), *where])}\n"
    rows = [_row(name, field) for name, field in model.model_fields.items()]
    return "\n".join([head, "| key | type | default | meaning |", "|---|---|---|---|", *rows, ""])


def _met() -> Paths:
    """Every model below the document, with the places where it stands, depth first in the order of the keys."""
    found: dict[type[Model], list[str]] = {}
    _walk(Estate, "", found)
    return found


def _walk(model: type[Model], path: str, found: dict[type[Model], list[str]]) -> None:
    found.setdefault(model, []).append(path)
    for name, field in model.model_fields.items():
        for inner, below in _models(field.annotation, f"{path}.{name}" if path else name):
            _walk(inner, below, found)


def _models(annotation: Any, path: str) -> Iterator[tuple[type[Model], str]]:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if isinstance(annotation, type) and issubclass(annotation, Model):
        yield annotation, path
    elif origin is dict:
        yield from _models(arguments[1], f"{path}.<name>")
    elif origin in {tuple, list, frozenset}:
        yield from _models(arguments[0], f"{path}[]")
    elif origin in {Union, types.UnionType}:
        yield from (each for argument in arguments for each in _models(argument, path))
    elif origin is Annotated:
        yield from _models(arguments[0], path)


def _row(name: str, field: FieldInfo) -> str:
    kind = _type(field.annotation, field.metadata)
    return f"| `{name}` | {kind} | {_default(field)} | {_sentence(field.description)} |"


def _type(annotation: Any, metadata: Sequence[Any] = ()) -> str:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _type(arguments[0], arguments[1:])
    if origin in {Union, types.UnionType}:
        return " or ".join(dict.fromkeys(_type(each) for each in arguments if each is not type(None)))
    if origin in {tuple, list, frozenset}:
        inner = dict.fromkeys(_type(each) for each in arguments if each is not Ellipsis)
        return f"list of {' and '.join(inner)}"
    if origin is dict:
        return f"map to {_type(arguments[1])}"
    return _unit(metadata) or _secret(metadata) or _single(annotation, metadata)


def _single(annotation: Any, metadata: Sequence[Any]) -> str:
    if get_origin(annotation) is Literal:
        return " \\| ".join(f"`{value}`" for value in get_args(annotation))
    if isinstance(annotation, type) and issubclass(annotation, Model):
        return f"[{annotation.__name__}](#{annotation.__name__.lower()})"
    return {str: "text", int: "number", bool: "`true` or `false`"}.get(annotation, "any") + _limits(metadata)


def _limits(metadata: Sequence[Any]) -> str:
    """`, 1 to 20` for a number, the form's own words for a text."""
    flat = [each for item in metadata for each in (item.metadata if isinstance(item, FieldInfo) else [item])]
    low = next((each.ge for each in flat if isinstance(each, Ge)), None)
    high = next((each.le for each in flat if isinstance(each, Le)), None)
    if low is not None:
        return f", {low} to {high}" if high is not None else f", at least {low}"
    if any(isinstance(each, MinLen) for each in flat):
        return ", not empty"
    pattern = next((each.pattern for each in flat if isinstance(each, StringConstraints) and each.pattern), None)
    return f": {_sentence(words_for(str(pattern))).rstrip(',')}" if pattern else ""


def _secret(metadata: Sequence[Any]) -> str | None:
    return "secret" if any(isinstance(item, Sensitive) for item in metadata) else None


def _unit(metadata: Sequence[Any]) -> str | None:
    names = {getattr(getattr(item, "func", None), "__name__", "") for item in metadata}
    return "duration" if "seconds" in names else "size" if "size_in_bytes" in names else None


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    if field.default_factory is not None:
        return ""
    value = field.default
    if value is None or isinstance(value, Model) or value in ({}, (), ""):
        return ""
    unit = _unit(field.metadata)
    if unit and isinstance(value, int):
        return f"`{duration_text(value) if unit == 'duration' else size_text(value)}`"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _sentence(text: str | None) -> str:
    return " ".join((text or "").split()).replace("|", "\\|")
