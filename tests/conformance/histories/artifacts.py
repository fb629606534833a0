"""Files and their properties (6.1, 6.2): deploy, checksum deploy, delete, properties, copy, move, search."""

import hashlib
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule

from tests.conformance.histories.machine import History

PATHS = st.sampled_from(["a", "a/b", "a/b/c.txt", "a/d.txt", "e.txt", "f/g/h.bin", "f/ü b.bin"])
CONTENTS = st.binary(max_size=40)
NAMES = st.sampled_from(["color", "qa.level", "odd name"])
VALUES = st.lists(st.text("abc ,;=|\\ü%&", min_size=1, max_size=5).map(str.strip).filter(bool), min_size=1, max_size=3)
PROPERTIES = st.dictionaries(NAMES, VALUES, max_size=2)

Properties = dict[str, list[str]]


def escaped(text: str) -> str:
    """A property's name or value as the query parameter wants it (6.2)."""
    for letter in "\\,;=|":
        text = text.replace(letter, f"\\{letter}")
    return text


def inside(path: str, folder: str) -> bool:
    return path == folder or path.startswith(f"{folder}/")


class Artifacts(History):
    """The model is a content and properties a path, and the set of folders."""

    def __init__(self) -> None:
        super().__init__()
        self.files: dict[str, bytes] = {}
        self.folders: set[str] = set()
        self.properties: dict[str, Properties] = {}

    @initialize()
    def make_the_repository(self) -> None:
        assert self.api("PUT", f"repositories/{self.mark}", json={"rclass": "local"}).status_code == 200

    @rule(path=PATHS, content=CONTENTS, declared=st.booleans())
    def deploy(self, path: str, content: bytes, declared: bool) -> None:
        headers = {"X-Checksum-Sha256": hashlib.sha256(content).hexdigest()} if declared else {}
        answer = self._put(path, content, headers)
        self._expect_put(answer.status_code, path, content)

    @rule(path=PATHS, content=CONTENTS)
    def deploy_something_else_than_declared(self, path: str, content: bytes) -> None:
        answer = self._put(path, content, {"X-Checksum-Sha1": hashlib.sha1(content + b"!").hexdigest()})
        assert answer.status_code in ({409} if self._free(path) else {400, 409}), answer.text

    @rule(path=PATHS, content=CONTENTS)
    def deploy_by_checksum(self, path: str, content: bytes) -> None:
        """Whether the filestore knows the binary is everybody's history: only the answer tells."""
        headers = {"X-Checksum-Deploy": "true", "X-Checksum-Sha256": hashlib.sha256(content).hexdigest()}
        answer = self._put(path, b"", headers)
        if answer.status_code == 404:
            assert content not in self.files.values()
            return
        self._expect_put(answer.status_code, path, content)

    @rule(path=PATHS)
    def delete(self, path: str) -> None:
        answer = self.call("DELETE", f"/artifactory/{self.mark}/{path}")
        there = path in self.files or path in self.folders
        assert answer.status_code == (204 if there else 404), answer.text
        self._forget(path)

    @rule(path=PATHS, wanted=PROPERTIES, recursive=st.booleans())
    def set_properties(self, path: str, wanted: Properties, recursive: bool) -> None:
        text = ";".join(
            f"{escaped(name)}={','.join(escaped(value) for value in values)}" for name, values in wanted.items()
        )
        parameters = {"properties": text, "recursive": int(recursive)}
        answer = self.api("PUT", f"storage/{self.mark}/{path}", params=parameters)
        if not wanted:
            assert answer.status_code in {400, 404}
        elif not self._there(path):
            assert answer.status_code == 404
        else:
            assert answer.status_code == 204, answer.text
            for target in self._below(path) if recursive else [path]:
                self.properties.setdefault(target, {}).update(wanted)

    @rule(path=PATHS, name=NAMES)
    def delete_property(self, path: str, name: str) -> None:
        parameters: dict[str, Any] = {"properties": escaped(name), "recursive": 1}
        answer = self.api("DELETE", f"storage/{self.mark}/{path}", params=parameters)
        assert answer.status_code == (204 if self._there(path) else 404), answer.text
        for target in self._below(path) if self._there(path) else ():
            self.properties.get(target, {}).pop(name, None)

    @rule(source=PATHS, end=PATHS, move=st.booleans())
    def transfer_a_file(self, source: str, end: str, move: bool) -> None:
        """Files only, to a place that is free or a file: what folders do when they meet is the reference's silence."""
        if source not in self.files or source == end or not self._free(end) or inside(end, source):
            return
        verb = "move" if move else "copy"
        answer = self.api("POST", f"{verb}/{self.mark}/{source}", params={"to": f"/{self.mark}/{end}"})
        assert answer.status_code == 200, answer.text
        content, properties = self.files[source], dict(self.properties.get(source, {}))
        self._store(end, content)
        self.properties[end] = properties
        if move:
            self._forget(source)

    @rule(path=PATHS)
    def download(self, path: str) -> None:
        answer = self.call("GET", f"/artifactory/{self.mark}/{path}")
        if path in self.files:
            assert answer.content == self.files[path]
            assert answer.headers["X-Checksum-Sha256"] == hashlib.sha256(self.files[path]).hexdigest()
        else:
            assert answer.status_code == (200 if path in self.folders else 404)

    @rule(path=PATHS)
    def read_properties(self, path: str) -> None:
        answer = self.api("GET", f"storage/{self.mark}/{path}", params={"properties": ""})
        wanted = {name: values for name, values in self.properties.get(path, {}).items() if values}
        if self._there(path) and wanted:
            assert {name: sorted(values) for name, values in answer.json()["properties"].items()} == {
                name: sorted(set(values)) for name, values in wanted.items()
            }
        else:
            assert answer.status_code == 404

    @rule(name=NAMES)
    def search_by_property(self, name: str) -> None:
        query = f'items.find({{"repo":"{self.mark}","@{name}":{{"$match":"*"}}}}).include("repo","path","name")'
        rows = self.api("POST", "search/aql", data=query, headers={"Content-Type": "text/plain"}).json()["results"]
        found = {f"{row['path']}/{row['name']}".removeprefix("./") for row in rows}
        assert found == {path for path in self.files if self.properties.get(path, {}).get(name)}

    @invariant()
    def the_list_is_the_model(self) -> None:
        answer = self.api("GET", f"storage/{self.mark}", params={"list": "", "deep": 1})
        if answer.status_code == 404:  # before the repository is made
            assert not self.files
            return
        found = {entry["uri"].lstrip("/"): entry["sha1"] for entry in answer.json()["files"]}
        assert found == {path: hashlib.sha1(content).hexdigest() for path, content in self.files.items()}

    def teardown(self) -> None:
        self.api("DELETE", f"repositories/{self.mark}")

    def _put(self, path: str, content: bytes, headers: dict[str, str]) -> Any:
        return self.call("PUT", f"/artifactory/{self.mark}/{path}", data=content, headers=headers)

    def _there(self, path: str) -> bool:
        return path in self.files or path in self.folders

    def _free(self, path: str) -> bool:
        """Whether a file may stand there: no folder there, no file above."""
        return path not in self.folders and not any(path.startswith(f"{file}/") for file in self.files)

    def _below(self, path: str) -> list[str]:
        return [one for one in (*self.files, *self.folders) if inside(one, path)]

    def _expect_put(self, status: int, path: str, content: bytes) -> None:
        if not self._free(path):
            assert status in {400, 409}, status
            return
        assert status == 201, status
        self._store(path, content)

    def _store(self, path: str, content: bytes) -> None:
        self.files[path] = content
        self.properties.pop(path, None)
        parts = path.split("/")
        self.folders.update("/".join(parts[:end]) for end in range(1, len(parts)))

    def _forget(self, path: str) -> None:
        for one in self._below(path):
            self.files.pop(one, None)
            self.folders.discard(one)
            self.properties.pop(one, None)
