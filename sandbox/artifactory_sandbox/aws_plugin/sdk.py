"""What the installed `pulumi_aws` declares of a type: its inputs, nested ones too, and its outputs.

The SDK's source is read, not imported: importing the ec2 module alone costs 0.7 s and 60 MB, finding and parsing the
few classes that a program uses costs milliseconds.
"""

import ast
import importlib.util
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path


@dataclass(frozen=True)
class Kind:
    """What a property may hold: `name` is one of text, whole, number, flag, document, any, list, map, object."""

    name: str
    of: "Kind | None" = None
    """Element of a list or map."""
    args: tuple[str, str] | None = None
    """Module and `…Args` class of an object."""


@dataclass(frozen=True)
class Field:
    """One property under its Pulumi (camelCase) name."""

    name: str
    kind: Kind
    optional: bool
    """Input: may be left out. Output: null when nothing was declared, so AWS computes nothing for it."""


class NoSuchType(Exception):
    """The installed SDK has no such resource."""


def sdk_version() -> str:
    """The installed SDK's version, which the plugin must report as its own."""
    return version("pulumi-aws")


@cache
def inputs(token: str) -> dict[str, Field]:
    """Declared inputs of the resource `aws:<module>/<file>:<Class>`."""
    module, path, _ = _locate(token)
    source = _source(path)
    arguments = re.search(r"get_resource_args_opts\((\w+),", source)  # `…Args`, or `…InitArgs` where that one is taken
    return _arguments(source, arguments[1], module) if arguments else {}


@cache
def nested(args: tuple[str, str]) -> dict[str, Field]:
    """Declared keys of a nested `…Args` class."""
    module, name = args
    return _arguments(_source(_root() / module / "_inputs.py"), name, module)


@cache
def outputs(token: str) -> dict[str, Field]:
    """Declared outputs of the resource; inputs are outputs too."""
    module, path, name = _locate(token)
    body = _class(_source(path), name)
    found = {}
    for function, pulumi_name in _getters(body):
        annotation = ast.unparse(function.returns) if function.returns else ""
        kind = _kind(function.returns, module) if function.returns else Kind("any")
        found[pulumi_name] = Field(pulumi_name, kind, "Output[Optional[" in annotation)
    return found


@cache
def provider_inputs() -> dict[str, Field]:
    """Declared configuration of the `aws` provider."""
    return _arguments(_source(_root() / "provider.py"), "ProviderArgs", "")


def has_function(token: str) -> bool:
    """True if the SDK has the function `aws:<module>/<file>:<function>`."""
    match = re.fullmatch(r"aws:(\w+)/(\w+):\w+", token)
    if match is None:
        return False
    module = _root() if match[1] == "index" else _root() / match[1]
    return (module / f"{_snake(match[2])}.py").is_file()


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def _locate(token: str) -> tuple[str, Path, str]:
    if not (match := re.fullmatch(r"aws:(\w+)/(\w+):(\w+)", token)):
        raise NoSuchType(token)
    module, file, name = match.groups()
    path = _root() / module / f"{_snake(file)}.py"
    if not path.is_file() or f"class {name}(pulumi.CustomResource)" not in _source(path):
        raise NoSuchType(token)
    return module, path, name


@cache
def _root() -> Path:
    spec = importlib.util.find_spec("pulumi_aws")
    if spec is None or spec.origin is None:
        raise RuntimeError("pulumi_aws is not installed beside the stand-in plugin")
    return Path(spec.origin).parent


@cache
def _source(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _class(source: str, name: str) -> ast.ClassDef:
    start = re.search(rf"^class {name}\b(?:\(.*\))?:$", source, re.MULTILINE)
    if start is None:
        raise NoSuchType(name)
    end = re.search(r"^(?:class |def |@|if )", source[start.end() :], re.MULTILINE)
    text = source[start.start() : start.end() + end.start() if end else None]
    definition = ast.parse(text).body[0]
    if not isinstance(definition, ast.ClassDef):
        raise NoSuchType(name)
    return definition


def _arguments(source: str, name: str, module: str) -> dict[str, Field]:
    body = _class(source, name)
    names = {function.name: pulumi_name for function, pulumi_name in _getters(body)}
    init = next(part for part in body.body if isinstance(part, ast.FunctionDef) and part.name == "__init__")
    found = {}
    for argument, default in zip(init.args.kwonlyargs, init.args.kw_defaults, strict=True):
        kind = _kind(argument.annotation, module) if argument.annotation else Kind("any")
        pulumi_name = names[argument.arg]
        found[pulumi_name] = Field(pulumi_name, kind, default is not None)
    return found


def _getters(body: ast.ClassDef) -> Iterator[tuple[ast.FunctionDef, str]]:
    for function in body.body:
        if not isinstance(function, ast.FunctionDef):
            continue
        for decorator in function.decorator_list:
            text = ast.unparse(decorator)
            if text.startswith("pulumi.getter"):
                yield function, text.partition("'")[2].rstrip("')") or function.name


_PLAIN = {"str": "text", "int": "whole", "float": "number", "bool": "flag"}


def _kind(node: ast.expr, module: str) -> Kind:  # noqa: PLR0911 - one a form of annotation
    match node:
        case ast.Subscript(value=outer, slice=inner):
            match ast.unparse(outer).rpartition(".")[2]:
                case "Input" | "Output" | "Optional":
                    return _kind(inner, module)
                case "Sequence":
                    return Kind("list", _kind(inner, module))
                case "Mapping" if isinstance(inner, ast.Tuple):
                    return Kind("map", _kind(inner.elts[1], module))
                case "Union" if isinstance(inner, ast.Tuple):
                    return _union(inner, module)
        case ast.Attribute(attr=name) if name in _PLAIN:
            return Kind(_PLAIN[name])
        case ast.Constant(value=str(name)) if name.endswith("Args"):
            return _object(name, module)
    return Kind("any")


def _union(members: ast.Tuple, module: str) -> Kind:
    kinds = {_kind(member, module) for member in members.elts} - {Kind("any")}  # an enumeration is its text
    if {kind.name for kind in kinds} == {"text", "object"}:
        return Kind("document")  # JSON text, or an object that becomes it
    return kinds.pop() if len(kinds) == 1 else Kind("any")


def _object(name: str, module: str) -> Kind:
    alias, _, plain = name.rpartition(".")
    return Kind("object", args=(alias.removeprefix("_") or module, plain))
