"""A folder as the page that the native browser shows (6.1)."""

import html
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import quote

from artifactory_sandbox.platform.artifacts import info
from artifactory_sandbox.platform.artifacts.members import Child
from artifactory_sandbox.platform.web import Answer
from artifactory_sandbox.platform.web.answer import BANNER

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

_NAME_WIDTH = 50


def page(platform: "Platform", repo: str, path: str, children: Iterable[Child], slash: bool) -> Answer:
    """Links relative to the folder, whether its address ended with a slash or not."""
    title = html.escape(f"Index of {repo}/{path}".rstrip("/"))
    base = "" if slash else quote(f"{path or repo}".rpartition("/")[2]) + "/"
    rows = [f'<a href="{"" if slash else "./"}../">../</a>'] if path else []
    rows += [_row(child, base) for child in children]
    body = "\n".join(rows)
    text = (
        '<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 3.2 Final//EN">\n<html>\n<head><meta name="robots" content="noindex" />\n'
        f"<title>{title}</title>\n</head>\n<body>\n<h1>{title}</h1>\n<pre>Name{' ' * (_NAME_WIDTH - 4)}Last modified      Size</pre>"
        f'<hr/>\n<pre>{body}\n</pre>\n<hr/><address style="font-size:small;">Artifactory/{platform.version}, {BANNER}</address>'
        "</body></html>"
    )
    return Answer(200, text.encode(), "text/html;charset=UTF-8")


def _row(child: Child, base: str) -> str:
    name = child.name + ("/" if child.folder else "")
    space = " " * max(2, _NAME_WIDTH - len(name))
    when = datetime.fromtimestamp(child.modified / 1000, UTC).strftime("%d-%b-%Y %H:%M") if child.modified else "-"
    size = "-" if child.folder or child.size is None else info.readable(child.size)
    link = base + quote(child.name) + ("/" if child.folder else "")
    return f'<a href="{html.escape(link)}">{html.escape(name)}</a>{space}{when}  {size}'
