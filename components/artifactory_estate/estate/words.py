"""What pydantic found, in the words of the person who wrote the document. A value that may be a secret is not shown."""

import difflib
import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from pydantic_core import ErrorDetails

from artifactory_estate.base import DocumentPath, Model, Refusal
from artifactory_estate.base.text_form import words_for
from artifactory_estate.estate import shape
from artifactory_estate.site.model import ExternalSite, ManagedSite

_SHOWN_MAX = 60
_USER_IN_URL = re.compile(r"//[^/\s\"]*@")
_TRUTH = {"yes": "true", "on": "true", "true": "true", "no": "false", "off": "false", "false": "false"}

_ALSO_CALLED = {"sqlserver": "mssql", "sql-server": "mssql", "httpd": "apache", "aurora": "aurora-postgresql"}
"""What some say for an allowed word that looks quite different."""
_RUNS_ALREADY = "design 3: an external site runs already, and its machines are not ours to change"
_ARE_MADE = "design 3: the administrator of a site that we build is made by us"
_OTHER_PLATFORM: dict[type[Model], tuple[type[Model], str, str]] = {
    ExternalSite: (ManagedSite, _RUNS_ALREADY, "Remove it, or say `platform: managed`."),
    ManagedSite: (ExternalSite, _ARE_MADE, "Remove it, or say `platform: external`."),
}
"""Whose keys a kind of site has not, why, and what to do."""


@dataclass(frozen=True)
class Described:
    """A mistake in words."""

    refusal: Refusal
    about_key: bool
    """Whether the key is at fault, not the value behind it."""


@dataclass(frozen=True)
class _Case:
    path: DocumentPath
    wanted: Any
    """The type wanted at `path`; None when nothing is."""
    holder: Any
    """The type of what `path` stands in."""
    found: Any
    context: dict[str, Any]
    message: str
    is_key: bool

    @property
    def value(self) -> str:
        """What stands there, as far as it may be shown."""
        if self.is_key:
            return f"the key {shown(self.path[-1])}"
        return "this text" if shape.is_sensitive(self.wanted) else shown(self.found)

    def refused(self, found: str, why: str, do: str = "") -> Refusal:
        return Refusal(self.path, found, why, do)


def describe(model: type[Model], errors: Iterable[ErrorDetails]) -> list[Described]:
    """Every mistake of a document of `model`; what the members of one union said of one value becomes one mistake."""
    together: dict[DocumentPath, list[Described]] = {}
    for error in errors:
        if error["type"] == "default_factory_not_called":  # it would be of a value that is wrong itself
            continue
        case = _case(model, error)
        described = Described(_SAY.get(error["type"], _other)(case), case.is_key or error["type"] == "extra_forbidden")
        together.setdefault(described.refusal.path, []).append(described)
    return [_one(descriptions) for path, descriptions in together.items() if not _is_above(path, together)]


def _is_above(path: DocumentPath, others: Iterable[DocumentPath]) -> bool:
    """What a union's other members said of a value in which one member found its mistakes says nothing."""
    return any(len(path) < len(other) and other[: len(path)] == path for other in others)


def shown(value: Any) -> str:
    """A value as it stands in YAML, short, on one line, without the user of a URL."""
    text = _USER_IN_URL.sub("//…@", json.dumps(value, ensure_ascii=False, default=str))
    return text if len(text) <= _SHOWN_MAX else f"{text[: _SHOWN_MAX - 1]}…"


def did_you_mean(found: str, allowed: Iterable[str]) -> str:
    """Advice for a name that is nearly one of `allowed`; empty otherwise."""
    by_lower = {name.lower(): name for name in allowed}
    near = difflib.get_close_matches(found.lower(), list(by_lower), n=1)
    return f"Did you mean {by_lower[near[0]]}?" if near else ""


def _case(model: type[Model], error: ErrorDetails) -> _Case:
    loc = error["loc"]
    path, wanted = shape.walk(model, loc)
    _, holder = shape.walk(model, loc[:-1])
    return _Case(path, wanted, holder, error["input"], error.get("ctx", {}), error["msg"], loc[-1:] == ("[key]",))


def _one(descriptions: Sequence[Described]) -> Described:
    first = descriptions[0]
    if len(descriptions) == 1:
        return first
    whys = dict.fromkeys(described.refusal.why.removesuffix(" is wanted") for described in descriptions)
    refusal = first.refusal
    return Described(Refusal(refusal.path, refusal.found, f"{' or '.join(whys)} is wanted"), first.about_key)


def _unknown_key(case: _Case) -> Refusal:
    models = [model for model in map(shape.as_model, shape.options(case.holder)) if model]
    for kind, (other, why, do) in _OTHER_PLATFORM.items():
        if models == [kind] and case.path[-1] in other.model_fields:
            return case.refused(f"a key of {'managed' if other is ManagedSite else 'external'} sites only", why, do)
    allowed = sorted({name for model in models for name in model.model_fields})
    why = f"allowed here: {', '.join(allowed)}"
    return case.refused("unknown key", why, did_you_mean(str(case.path[-1]), allowed))


def _missing(case: _Case) -> Refusal:
    for option in shape.options(case.holder):
        if (model := shape.as_model(option)) and case.path[-1] in model.model_fields:
            meaning = re.sub(r"\s+", " ", model.model_fields[str(case.path[-1])].description or "")
            return case.refused("missing", f"required: {meaning.split('. ')[0].rstrip('.')}")
    return case.refused("missing", "required")


def _without_platform(case: _Case) -> Refusal:
    return Refusal((*case.path, "platform"), "missing", "required: managed or external")


def _wrong_platform(case: _Case) -> Refusal:
    found = shown(case.context.get("tag", case.found))
    return Refusal((*case.path, "platform"), f"{found} is not allowed", "allowed: managed, external")


def _wrong_type(wanted: str) -> Callable[[_Case], Refusal]:
    def say(case: _Case) -> Refusal:
        kind = _kind_of(case.found)
        scalar = isinstance(case.found, str | int | float)
        found = f"{case.value} is {kind}" if scalar and not shape.is_sensitive(case.wanted) else kind
        return case.refused(f"wrong type: {found}", f"{wanted} is wanted", _mend(wanted, case))

    return say


def _mend(wanted: str, case: _Case) -> str:
    found = case.found
    if wanted == "a text" and isinstance(found, int | float):
        return (
            "Write it in quotes." if shape.is_sensitive(case.wanted) else f'Write it in quotes: "{json.dumps(found)}".'
        )
    if wanted == "true or false" and isinstance(found, str):
        return f"Write {_TRUTH.get(found.lower(), 'true or false')}, without quotes."
    if wanted == "a whole number" and isinstance(found, str) and found.isdigit():
        return "Write it without quotes."
    return ""


def _kind_of(value: Any) -> str:
    kinds = ((bool, "a truth value"), (str, "a text"), (int | float, "a number"), (list, "a list"), (dict, "a mapping"))
    return next((name for kind, name in kinds if isinstance(value, kind)), "nothing")


def _out_of_range(bound: str, words: str) -> Callable[[_Case], Refusal]:
    return lambda case: case.refused(f"{case.value} is out of range", f"{words} {case.context[bound]}")


def _wrong_form(case: _Case) -> Refusal:
    return case.refused(f"{case.value} has a wrong form", f"{words_for(case.context['pattern'])} is wanted")


def _empty(case: _Case) -> Refusal:
    return case.refused("nothing stands here", "a text is wanted")


def _too_many(case: _Case) -> Refusal:
    return case.refused(f"{case.context['actual_length']} items", f"at most {case.context['max_length']}")


def _not_allowed(case: _Case) -> Refusal:
    allowed = [str(value) for option in shape.options(case.wanted) for value in get_args(option)]
    why = f"allowed: {', '.join(allowed)}"
    if isinstance(case.found, str):
        known_as = _ALSO_CALLED.get(case.found.lower(), case.found)
        return case.refused(f"{case.value} is not allowed", why, did_you_mean(known_as, allowed))
    do = f'Write it in quotes: "{case.found}".' if str(case.found) in allowed else ""
    return case.refused(f"wrong type: {_kind_of(case.found)}", why, do)


def _bad_value(case: _Case) -> Refusal:
    what, _, why = str(case.context["error"]).partition(": ")
    return case.refused(f"{case.value} is {what}", why)


def _other(case: _Case) -> Refusal:
    return case.refused(f"{case.value} is wrong", case.message)


_SAY: dict[str, Callable[[_Case], Refusal]] = {
    "extra_forbidden": _unknown_key,
    "missing": _missing,
    "union_tag_not_found": _without_platform,
    "union_tag_invalid": _wrong_platform,
    "string_type": _wrong_type("a text"),
    "int_type": _wrong_type("a whole number"),
    "int_from_float": _wrong_type("a whole number"),
    "bool_type": _wrong_type("true or false"),
    "dict_type": _wrong_type("a mapping"),
    "model_type": _wrong_type("a mapping"),
    "model_attributes_type": _wrong_type("a mapping"),
    "tuple_type": _wrong_type("a list"),
    "greater_than_equal": _out_of_range("ge", "at least"),
    "less_than_equal": _out_of_range("le", "at most"),
    "string_pattern_mismatch": _wrong_form,
    "string_too_short": _empty,
    "too_long": _too_many,
    "literal_error": _not_allowed,
    "value_error": _bad_value,
}
