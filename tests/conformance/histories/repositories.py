"""Repositories (2.1 to 2.6): create-only PUT, merging POST, keys that are one whatever their case, members of virtuals."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule

from tests.conformance.histories.machine import History

KEYS = st.sampled_from(["one", "One", "two", "three", "four"])
TEXTS = st.one_of(
    st.none(), st.just(""), st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=20)
)
FLAGS = st.sampled_from([True, False, "yes", "off", "true"])
PATTERNS = st.sampled_from(["**/*", "a/**", "a/**,b/**"])
TYPES = st.sampled_from(["generic", "npm"])
TRUE = {True, "yes", "true"}


class Repositories(History):
    """The model is a configuration a key."""

    def __init__(self) -> None:
        super().__init__()
        self.model: dict[str, dict[str, Any]] = {}

    def key(self, name: str) -> str:
        return f"{self.mark}-{name}"

    @rule(name=KEYS, package=TYPES, description=TEXTS, batch=st.booleans())
    def create_local(self, name: str, package: str, description: str | None, batch: bool) -> None:
        key = self.key(name)
        body = {"key": key, "rclass": "local", "packageType": package, "description": description}
        answer = self._batch([body]) if batch else self.api("PUT", f"repositories/{key}", json=body)
        made = {"rclass": "local", "packageType": package, "description": description or "", "blackedOut": False}
        self._expect_created(answer.status_code, key, {**made, "includesPattern": "**/*"}, 201 if batch else 200)

    @rule(name=KEYS, members=st.lists(KEYS, max_size=3, unique_by=str.lower))
    def create_virtual(self, name: str, members: list[str]) -> None:
        key, keys = self.key(name), [self.key(member) for member in members]
        body = {"rclass": "virtual", "packageType": "generic", "repositories": keys}
        answer = self.api("PUT", f"repositories/{key}", json=body)
        fit = self.model.keys() >= set(keys) and key not in keys  # a generic one gathers any type (decision 0011)
        if not fit:
            assert answer.status_code in {400, 404}, answer.text
            return
        made = {"rclass": "virtual", "packageType": "generic", "description": "", "repositories": keys}
        self._expect_created(answer.status_code, key, {**made, "includesPattern": "**/*"}, 200)

    @rule(good=KEYS, bad=KEYS)
    def create_two_of_which_one_cannot_be(self, good: str, bad: str) -> None:
        """All or nothing (2.6)."""
        bodies = [{"key": self.key(good), "rclass": "local"}, {"key": self.key(bad) + "!", "rclass": "local"}]
        assert self._batch(bodies).status_code == 400

    @rule(name=KEYS, description=st.one_of(TEXTS, st.just(...)), flag=FLAGS, pattern=PATTERNS)
    def update(self, name: str, description: Any, flag: Any, pattern: str) -> None:
        key = self.key(name)
        sent = {"blackedOut": flag, "includesPattern": pattern, "propertySets": []}
        if description is not ...:
            sent["description"] = description
        answer = self.api("POST", f"repositories/{key}", json=sent)
        if key not in self.model:
            assert answer.status_code == 404
            return
        assert answer.status_code == 200, answer.text
        assert answer.text == f"Repository {key} update successfully.\n"
        kept = self.model[key]
        kept["includesPattern"] = pattern
        if description is not ...:
            kept["description"] = description or ""
        if "blackedOut" in kept:
            kept["blackedOut"] = flag in TRUE

    @rule(name=KEYS)
    def delete(self, name: str) -> None:
        key = self.key(name)
        answer = self.api("DELETE", f"repositories/{key}")
        assert answer.status_code == (200 if key in self.model else 404), answer.text
        assert answer.json()["success"] == (key in self.model)
        self.model.pop(key, None)
        for config in self.model.values():
            if key in config.get("repositories", ()):
                config["repositories"].remove(key)

    @rule(name=KEYS)
    def read(self, name: str) -> None:
        key = self.key(name)
        answer = self.api("GET", f"repositories/{key}")
        if key not in self.model:
            assert answer.status_code == 400
            return
        found = answer.json()
        assert {field: found.get(field) for field in self.model[key]} == self.model[key]

    @invariant()
    def the_list_is_the_model(self) -> None:
        rows = {row["key"]: row for row in self.api("GET", "repositories").json() if row["key"].startswith(self.mark)}
        assert {key: row["type"].lower() for key, row in rows.items()} == {
            key: config["rclass"] for key, config in self.model.items()
        }

    def teardown(self) -> None:
        for key in sorted(self.model, key=lambda one: self.model[one]["rclass"], reverse=True):
            self.api("DELETE", f"repositories/{key}")

    def _batch(self, bodies: list[dict[str, Any]]) -> Any:
        return self.api("PUT", "v2/repositories/batch", json=bodies)

    def _expect_created(self, status: int, key: str, config: dict[str, Any], created: int) -> None:
        taken = {one.lower() for one in self.model}
        if key.lower() in taken:
            assert status in {400, 409}, status
            return
        assert status == created, status
        self.model[key] = config
