"""A cloud-config as cloud-init takes it: files are written, then commands run as one shell script."""

import base64
import shlex
from pathlib import Path
from typing import Any

import yaml

HEADER = b"#cloud-config"
_KEYS = {"write_files", "runcmd"}
_FILE_KEYS = {"path", "content", "permissions", "owner", "encoding"}
_BASE64 = {"b64", "base64"}


class NotUnderstood(Exception):
    """The document is no cloud-config, or has a key that the sandbox would ignore."""


def apply(root: Path, text: bytes) -> bytes:
    """Writes the files below `root`; the shell script that `runcmd` stands for. Raises `NotUnderstood`."""
    document = _read(text)
    written = dict(_write(root, entry) for entry in document.get("write_files", []))
    commands = [_line(command, written) for command in document.get("runcmd", [])]
    return "\n".join(["#!/bin/sh", *commands, ""]).encode()


def _read(text: bytes) -> dict[str, Any]:
    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise NotUnderstood(f"not YAML: {error}") from error
    if not isinstance(document, dict):
        raise NotUnderstood("a mapping is wanted")
    if unknown := sorted(set(document) - _KEYS):
        raise NotUnderstood(f"the sandbox plays {' and '.join(sorted(_KEYS))}, not {', '.join(unknown)}")
    return document


def _write(root: Path, entry: dict[str, Any]) -> tuple[str, str]:
    """The path as the document has it, and the one below `root`."""
    if unknown := sorted(set(entry) - _FILE_KEYS):
        raise NotUnderstood(f"write_files: the sandbox does not play {', '.join(unknown)}")
    mode = entry.get("permissions", "0644")
    if not isinstance(mode, str):
        raise NotUnderstood(f"write_files: permissions {mode} of {entry['path']} are no text")
    content = str(entry.get("content", "")).encode()
    path = root / str(entry["path"]).lstrip("/")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(base64.b64decode(content) if entry.get("encoding") in _BASE64 else content)
    path.chmod(int(mode, 8))
    return str(entry["path"]), str(path)


def _line(command: str | list[Any], written: dict[str, str]) -> str:
    """A list is quoted word by word; a path that was written stands for the one below the root."""
    if isinstance(command, str):
        return command
    return shlex.join(written.get(str(word), str(word)) for word in command)
