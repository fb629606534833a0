"""Rendered files: one Jinja environment over `templates/`, strict about what a template asks for."""

import json
import shlex
from functools import lru_cache
from pathlib import Path

import jinja2


def render(template: str, /, **values: object) -> str:
    """The text of `templates/<template>` with `values`.

    A name that is not given raises `jinja2.UndefinedError`. `*.xml.j2` is escaped as XML; elsewhere a value that comes
    from a document goes through the filter of the file's language: `shell`, `quoted` (YAML and JSON), `property_value`.
    """
    return _environment().get_template(template).render(values)


@lru_cache(maxsize=1)
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_folder()),
        undefined=jinja2.StrictUndefined,
        autoescape=jinja2.select_autoescape(enabled_extensions=("xml.j2",), default=False),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["shell"] = lambda value: shlex.quote(str(value))
    environment.filters["quoted"] = lambda value: json.dumps(str(value), ensure_ascii=False)
    environment.filters["property_value"] = property_value
    return environment


def property_value(value: object) -> str:
    """A value as Java's properties format writes it: `true`, `500`, backslashes and line ends escaped.

    >>> property_value(True), property_value("C:\\\\data")
    ('true', 'C:\\\\\\\\data')
    """
    text = str(value).lower() if isinstance(value, bool) else str(value)
    escaped = text.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r")
    return f"\\{escaped}" if escaped.startswith(" ") else escaped


def _folder() -> Path:
    """Beside the package when installed as a wheel, at the project's root in a checkout."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "templates"
    return installed if installed.is_dir() else package.parents[1] / "templates"
