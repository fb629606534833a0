"""What clients asked of the simulated platforms that is not there: every node's report in one."""

import json
import urllib.request
from collections.abc import Mapping
from typing import Any

_NO_PROXY = urllib.request.build_opener(urllib.request.ProxyHandler({}))
_TIMEOUT_S = 5


def gather(urls: Mapping[str, str]) -> dict[str, Any]:
    """`calls`: method, path, how often, when first, and which nodes were asked; `silent`: nodes that do not tell."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    silent = []
    for node, url in sorted(urls.items()):
        try:
            with _NO_PROXY.open(f"{url}/__sandbox__/unimplemented", timeout=_TIMEOUT_S) as answer:
                reported = json.load(answer)
        except (OSError, ValueError):
            reported = None
        if not isinstance(reported, list):
            silent.append(node)
            continue
        for one in reported:
            known = found.setdefault((one["method"], one["path"]), {**one, "count": 0, "nodes": []})
            known["count"] += one["count"]
            known["first_seen"] = min(known["first_seen"], one["first_seen"])
            known["nodes"].append(node)
    return {"calls": sorted(found.values(), key=lambda one: (-one["count"], one["path"])), "silent": silent}
