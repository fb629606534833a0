"""Asks the sandbox's control API to carry a command out. Runs on a machine, without our packages: standard library only."""

import json
import os
import re
import sys
import urllib.request
from pathlib import Path

_TIMEOUT_S = 120
_CONNECTION = {
    **{"-d": "PGDATABASE", "--dbname": "PGDATABASE", "-h": "PGHOST", "--host": "PGHOST"},
    **{"-U": "PGUSER", "--username": "PGUSER", "-p": "PGPORT", "--port": "PGPORT"},
}


def main(arguments: list[str]) -> int:
    """`ask.py <command> <argument>...`; the exit code of the command."""
    name, rest = arguments[0], arguments[1:]
    request: dict[str, object] = {"command": name, "arguments": rest, "directory": str(Path.cwd())}
    if name == "psql":
        request |= _psql(rest)
    url = f"{os.environ['SANDBOX_CONTROL']}/machines/{os.environ['SANDBOX_INSTANCE']}/commands"
    sent = urllib.request.Request(url, json.dumps(request).encode(), {"Content-Type": "application/json"})  # noqa: S310
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(sent, timeout=_TIMEOUT_S) as answer:
        found = json.load(answer)
    if found["output"]:
        stream = sys.stderr if found["code"] and name != "systemctl" else sys.stdout
        print(found["output"], file=stream)
    return int(found["code"])


def _psql(arguments: list[str]) -> dict[str, object]:
    """The connection from the environment and the statements from -c, -f or standard input; `-v name=value` are variables."""
    environment = {name: os.environ.get(name, "") for name in ("PGHOST", "PGUSER", "PGPASSWORD", "PGDATABASE")}
    texts, variables, rest = [], dict[str, str](), iter(arguments)
    for argument in rest:
        if argument in {"-c", "--command"}:
            texts.append(next(rest))
        elif argument in {"-f", "--file"}:
            path = next(rest)
            texts.append(sys.stdin.read() if path == "-" else Path(path).read_text())
        elif argument in {"-v", "--set", "--variable"}:
            name, _, value = next(rest).partition("=")
            variables[name] = value
        elif argument in _CONNECTION:
            environment[_CONNECTION[argument]] = next(rest)
    text = "\n".join(texts) if texts else sys.stdin.read()
    return {"environment": environment, "statements": _statements(text, variables)}


def _statements(text: str, variables: dict[str, str]) -> list[str]:
    r"""Splits at `;` outside quotes; `\set name \`command\`` and getenv and set are done here, gexec stays where it is."""
    lines = []
    for line in text.splitlines():
        if found := re.match(r"\s*\\getenv\s+(\w+)\s+(\w+)", line):
            variables[found[1]] = os.environ.get(found[2], "")
        elif found := re.match(r"\s*\\set\s+(\w+)\s+(.*)", line):
            variables[found[1]] = _set_value(found[2].strip())
        else:
            lines.append(line)
    body = "\n".join(line for line in lines if not line.lstrip().startswith("--"))
    body = re.sub(r":'(\w+)'", lambda match: _quoted(variables.get(match[1], "")), body)
    body = re.sub(r":\"(\w+)\"", lambda match: f'"{variables.get(match[1], "")}"', body)
    body = re.sub(r"\s*;?\s*\\gexec", " \\\\gexec;", body)
    return [part.strip() for part in re.findall(r"(?:'(?:[^']|'')*'|[^;'])+", body) if part.strip()]


def _set_value(text: str) -> str:
    if text.startswith("`") and text.endswith("`"):
        return os.popen(text[1:-1]).read().removesuffix("\n")  # noqa: S605  what psql does, on a simulated machine
    return text.strip("'")


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
