"""What the models want at a place of the document: its type, the model it stands in, whether it names a secret."""

import types
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from artifactory_estate.base import DocumentPath
from artifactory_estate.base.secret_ref import Sensitive


def walk(wanted: Any, loc: Iterable[str | int]) -> tuple[DocumentPath, Any]:
    """A path of pydantic's as one of the document's (tags of unions and `[key]` left out), and the type wanted there."""
    path: DocumentPath = ()
    for part in loc:
        narrowed = _narrowed(wanted, part)
        if narrowed is not None:
            wanted = narrowed
        elif part != "[key]":
            path, wanted = (*path, part), child(wanted, part)
    return path, wanted


def child(wanted: Any, part: str | int) -> Any:
    """The type wanted at a key or an index of `wanted`; None when nothing is known of it."""
    for option in options(wanted):
        if model := as_model(option):
            if part in model.model_fields:
                return field_type(model.model_fields[str(part)])
            if model.model_config.get("extra") == "allow":
                return get_args(get_type_hints(model)["__pydantic_extra__"])[1]
        elif get_origin(option) in (dict, Mapping):
            return get_args(option)[1]
        elif get_origin(option) is tuple and isinstance(part, int):
            arguments = get_args(option)
            return arguments[0] if arguments[1:] == (...,) else arguments[min(part, len(arguments) - 1)]
    return None


def options(wanted: Any) -> list[Any]:
    """The members of a union, the thing itself otherwise; never `Annotated`, never None."""
    wanted = bare(wanted)
    if get_origin(wanted) in (Union, types.UnionType):
        return [option for member in get_args(wanted) for option in options(member) if option is not type(None)]
    return [wanted]


def bare(wanted: Any) -> Any:
    """The type inside `Annotated`."""
    while get_origin(wanted) is Annotated:
        wanted = get_args(wanted)[0]
    return wanted


def as_model(wanted: Any) -> type[BaseModel] | None:
    """`wanted` when it is a model."""
    return wanted if isinstance(wanted, type) and issubclass(wanted, BaseModel) else None


def field_type(field: FieldInfo) -> Any:
    """A field's whole type; pydantic keeps its metadata apart."""
    return Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation


def is_sensitive(wanted: Any) -> bool:
    """Whether what stands there may be a secret: a reference, or a model that holds one directly."""
    if get_origin(wanted) is Annotated and any(isinstance(mark, Sensitive) for mark in get_args(wanted)[1:]):
        return True
    if model := as_model(wanted):
        return any(_is_reference(field_type(field)) for field in model.model_fields.values())
    return any(is_sensitive(argument) for argument in get_args(wanted)) if get_origin(wanted) else False


def _is_reference(wanted: Any) -> bool:
    return not any(as_model(option) for option in options(wanted)) and is_sensitive(wanted)


def _narrowed(wanted: Any, label: str | int) -> Any:
    """Where `label` is no key but names a member of a union: the model whose telling field has that one value, or the
    union itself when its members are plain."""
    members = options(wanted)
    models = [model for member in members if (model := as_model(member))]
    for model in models:
        if any(get_args(field.annotation) == (label,) for field in model.model_fields.values()):
            return model if len(members) > 1 else None
    if len(members) == 1 or not isinstance(label, str):
        return None
    if not models and not any(get_origin(member) in (dict, Mapping, tuple) for member in members):
        return wanted
    return next((member for begin, member in _labels(wanted) if label.startswith(begin)), None)


_BEGINNINGS = {tuple: "tuple[", Literal: "literal["}


def _labels(union: Any) -> Iterator[tuple[str, Any]]:
    """How pydantic's labels of the members of a mixed union begin; the members with their marks."""
    for member in get_args(bare(union)):
        if model := as_model(member):
            yield model.__name__, member
        else:
            yield _BEGINNINGS.get(get_origin(bare(member)), "function-after["), member
