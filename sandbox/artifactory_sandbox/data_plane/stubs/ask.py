"""Asks the sandbox's control API to carry a command out. Runs on a machine, without our packages: standard library only."""

import itertools
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
    if name in _CLIENTS:
        request |= _CLIENTS[name](rest)
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


def _mysql(arguments: list[str]) -> dict[str, object]:
    """The connection from the file of options, statements from standard input."""
    found: dict[str, str] = {}
    for argument in arguments:
        if argument.startswith("--defaults-file="):
            for line in Path(argument.partition("=")[2]).read_text().splitlines():
                name, _, value = line.partition("=")
                found[name.strip()] = value.strip().strip('"')
    return {"environment": _login(found), "statements": _statements(sys.stdin.read(), {})}


def _sqlplus(arguments: list[str]) -> dict[str, object]:
    """`CONNECT user/"password"@//host:port/name` in the text itself; doubled quotes within EXECUTE IMMEDIATE are one."""
    text = sys.stdin.read()
    connect = re.search(r'^CONNECT\s+([^/\s]+)/"(.*)"@(?://)?([^:/\s]+)', text, re.MULTILINE)
    found = dict(zip(("user", "password", "host"), connect.groups(), strict=True)) if connect else {}
    return {"environment": _login(found), "statements": [text]}


def _sqlcmd(arguments: list[str]) -> dict[str, object]:
    """`-S host,port -U user`, the password in the environment."""
    given = dict(itertools.pairwise(arguments))
    found = {"host": given.get("-S", "").partition(",")[0], "user": given.get("-U", "")}
    found["password"] = os.environ.get("SQLCMDPASSWORD", "")
    return {"environment": _login(found), "statements": re.split(r"(?m)^GO\s*$", sys.stdin.read())}


def _login(found: dict[str, str]) -> dict[str, str]:
    return {"PG" + name.upper(): found.get(name, "") for name in ("host", "user", "password")}


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


_CLIENTS = {"psql": _psql, "mysql": _mysql, "sqlplus": _sqlplus, "sqlcmd": _sqlcmd}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
