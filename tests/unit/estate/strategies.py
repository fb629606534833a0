"""Random valid documents, as plain data."""

import re
from typing import Any

from hypothesis import strategies as st

names = st.from_regex(r"[a-z][a-z0-9-]{0,8}[a-z0-9]", fullmatch=True).filter(
    lambda name: name != "trust" and not name.startswith(("dr-", "federation-"))
)
keys = st.from_regex(r"[a-z][a-z0-9._-]{2,12}-(local|one)", fullmatch=True)


def _is_quoted(word: str) -> bool:
    """PyYAML writes 08 without quotes, which we refuse to read."""
    return not re.fullmatch(r"[-+]?0[0-9]+", word)


words = st.text(
    st.characters(exclude_categories=("Cc", "Cs"), exclude_characters="\ufeff\ufffe\uffff"), max_size=30
).filter(_is_quoted)
"""Free text: what YAML might take for a number or a truth value, too."""
free_text = words | st.sampled_from(
    ["yes", "no", "~", "null", "012", "1e3", "1.5", "+.5", "2026-01-01", "0x1F", "1:30", "<<", "=", "# x", "a: b"]
)
package_types = st.sampled_from(["maven", "npm", "pypi", "generic", "docker"])
durations = st.sampled_from(["30s", "5m", "90s"])
days = st.integers(1, 35)


def repositories() -> st.SearchStrategy[dict[str, Any]]:
    """Local ones, and a virtual of some of them."""
    local = st.fixed_dictionaries(
        {"package_type": package_types},
        optional={
            "description": free_text,
            "allow_delete": st.booleans(),
            "extra": st.dictionaries(
                st.sampled_from(["maxUniqueTags", "archiveBrowsingEnabled"]), st.integers(0, 9) | st.booleans()
            ),
        },
    )
    return st.dictionaries(keys, local, max_size=4).flatmap(_with_virtual)


def _with_virtual(local: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    def declared(key: str) -> dict[str, Any]:
        virtual = {"package_type": local[key]["package_type"], "repositories": [key], "deploy_to": key}
        return {"local": local, "virtual": {"all-together": virtual}}

    return st.sampled_from(sorted(local)).map(declared) if local else st.just({"local": {}})


def managed(name: str, index: int) -> st.SearchStrategy[dict[str, Any]]:
    """A managed site; `index` keeps networks apart."""
    return st.fixed_dictionaries(
        {
            "platform": st.just("managed"),
            "url": st.just(f"http://{name}.acme.example"),
            "aws": st.fixed_dictionaries(
                {"account": st.just("123456789012"), "region": st.just(f"us-east-{index + 1}")}
            ),
            "network": st.just({"create": {"cidr": f"10.{index}.0.0/16"}}),
            "nodes": st.integers(1, 3).map(lambda count: {"count": count, "max": 3, "size": "small"}),
            "licences": st.just(f"file:{name}.txt"),
            "database": days.map(lambda n: {"point_in_time": f"{n}d"}),
            "load_balancer": st.just({"kind": "nginx"}),
        },
        optional={
            "repositories": repositories(),
            "available": st.booleans(),
            "system_properties": st.fixed_dictionaries(
                {},
                optional={
                    "artifactory.search.maxResults": st.integers(1, 1000),
                    "artifactory.federated.metrics.enabled": st.booleans(),
                    "extra": st.dictionaries(
                        st.from_regex(r"artifactory\.[a-z]{1,5}", fullmatch=True),
                        st.booleans() | st.integers(0, 9) | st.just("yes"),
                    ),
                },
            ),
        },
    )


def external(name: str) -> st.SearchStrategy[dict[str, Any]]:
    """A site that runs already."""
    return st.fixed_dictionaries(
        {
            "platform": st.just("external"),
            "url": st.just(f"https://{name}.acme.example/tools"),
            "credentials": st.sampled_from([{"token": "env:TOKEN"}, {"username": "1e3", "password": "file:p"}]),
        },
        optional={"repositories": repositories()},
    )


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """Two to six sites, a federation of some of them, and a pair of the first two when they are managed."""
    chosen = draw(st.lists(names, min_size=2, max_size=6, unique=True))
    paired = draw(st.booleans())
    sites = {
        name: draw(managed(name, index) if draw(st.booleans()) or (paired and index < 2) else external(name))
        for index, name in enumerate(chosen)
    }
    document: dict[str, Any] = {
        "estate": draw(names),
        "state": {"backend": "file://state"},
        "artifactory": {"version": "7.111.4", "package": {"source": "sandbox", "sha256": "0" * 64}},
        "sites": sites,
        "tags": draw(
            st.dictionaries(
                st.from_regex(r"[a-z]{1,8}", fullmatch=True),
                st.from_regex(r"[a-z0-9:/ ]{0,8}", fullmatch=True).filter(_is_quoted),
                max_size=3,
            )
        ),
    }
    if draw(st.booleans()):
        document["federations"] = {
            "all": {"members": {name: {} for name in chosen}, "repositories": {"federated": {"package_type": "npm"}}}
        }
    if paired:
        sites[chosen[1]].pop("repositories", None)
        document["disaster_recovery"] = {
            "pair": {
                "master": chosen[0],
                "target": chosen[1],
                "serving": chosen[draw(st.integers(0, 1))],
                "epoch": draw(st.integers(1, 9)),
            }
            | draw(
                st.fixed_dictionaries(
                    {},
                    optional={
                        "schedule": durations.map(lambda each: {"delay": each}),
                        "accept_data_loss": st.just("x"),
                    },
                )
            )
        }
    return document
