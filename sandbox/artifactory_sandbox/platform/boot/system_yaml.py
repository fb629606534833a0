"""system.yaml: what this node is called, its keys, its database (configuration files reference 2)."""

import os
import re
import socket
from typing import Any

import yaml

from artifactory_sandbox.platform.boot import database
from artifactory_sandbox.platform.boot.database import Database
from artifactory_sandbox.platform.boot.files import Files
from artifactory_sandbox.platform.boot.refusal import CannotStart


class SystemYaml:
    """Values by path; an environment variable such as `JF_SHARED_NODE_ID` wins over the file."""

    def __init__(self, files: Files) -> None:
        self._files = files
        path = files.etc / "system.yaml"
        if not path.exists():
            raise CannotStart(f"{files.shown(path)} is missing: the node has no database and no keys")
        try:
            tree = yaml.safe_load(files.read(path))
        except yaml.YAMLError as error:
            raise CannotStart(f"{files.shown(path)} is not valid YAML: {_one_line(error)}") from error
        if not isinstance(tree, dict):
            raise CannotStart(f"{files.shown(path)} is not a map")
        if tree.get("configVersion") != 1:
            raise CannotStart(f"{files.shown(path)}: configVersion must be 1")
        self._tree: dict[str, Any] = tree
        self._path = files.shown(path)

    def value(self, path: str, default: Any = None) -> Any:
        """The value at `shared.node.id`."""
        name = "JF_" + path.replace(".", "_").upper()
        if name in os.environ:
            return os.environ[name]
        at: Any = self._tree
        for part in path.split("."):
            if at is not None and not isinstance(at, dict):
                raise CannotStart(f"{self._path}: {path}: a map is expected")
            at = (at or {}).get(part)
        return default if at is None else at

    def flag(self, path: str, default: bool = False) -> bool:
        """The same as a boolean; anything else stops the node."""
        value = self.value(path, default)
        if isinstance(value, bool):
            return value
        if str(value).lower() in {"true", "false"}:
            return str(value).lower() == "true"
        raise CannotStart(f"{self._path}: {path}: '{value}' is not a boolean")

    @property
    def node_id(self) -> str:
        """`shared.node.id`, else the host's name."""
        node = str(self.value("shared.node.id", "") or socket.gethostname())
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", node):
            raise CannotStart(f"{self._path}: shared.node.id: '{node}' is no node id")
        return node

    def key(self, name: str) -> str:
        """`master` or `join` key: from the file, or beside it."""
        inline = self.value(f"shared.security.{name}Key")
        path = self._files.etc / "security" / f"{name}.key"
        if named := self.value(f"shared.security.{name}KeyFile"):
            path = self._files.inside(str(named), self._files.etc)
        if inline is None and not path.exists():
            raise CannotStart(f"the {name} key is missing: add it to {self._files.shown(path)}")
        key = str(inline) if inline is not None else self._files.read(path).strip()
        if not re.fullmatch(r"[0-9a-fA-F]*", key):
            raise CannotStart(f"the {name} key is not hexadecimal")
        if len(key) not in {32, 64}:
            raise CannotStart(f"the {name} key has {len(key)} hexadecimal digits, 32 or 64 are needed")
        return key.lower()

    def database(self) -> Database:
        """`shared.database`, and the pools of the services."""
        return database.read(self.value, self.flag, self._files, self._path)


def read_properties(files: Files) -> dict[str, str]:
    """artifactory.system.properties: `key=value`, `#` comments."""
    path = files.etc / "artifactory/artifactory.system.properties"
    if not path.exists():
        return {}
    found = {}
    for number, line in enumerate(files.read(path).splitlines(), 1):
        text = line.strip()
        if not text or text.startswith(("#", "!")):
            continue
        name, equals, value = text.partition("=")
        if not equals:
            raise CannotStart(f"{files.shown(path)}:{number}: '{text[:80]}' is not of the form key=value")
        found[name.strip()] = value.strip()
    return found


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
