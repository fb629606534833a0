"""Copy and move (6.2): each item with its own permissions, told about in messages; what was refused stays where it is."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from artifactory_sandbox.platform.artifacts import deploy, layouts
from artifactory_sandbox.platform.artifacts.rows import Origin
from artifactory_sandbox.platform.artifacts.trash import TRASH
from artifactory_sandbox.platform.state import Row
from artifactory_sandbox.platform.web import Answer, Call, Caller, Refused, json_answer

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

_KIND = "storage.CopyOrMoveResult"


@dataclass(slots=True)
class Outcome:
    """What happened: the first refusal's status, texts, and what was done."""

    status: int = 200
    errors: list[str] = field(default_factory=list)
    files: int = 0
    folders: int = 0
    done: list[Row] = field(default_factory=list)

    def refuse(self, status: int, text: str) -> None:
        """Notes a refusal."""
        self.errors.append(text)
        if self.status == 200:
            self.status = status


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for."""

    source: tuple[str, str]
    target: tuple[str, str]
    move: bool
    dry: bool = False
    keep_layout: bool = True
    fail_fast: bool = False


def copy(call: Call) -> Answer:
    """Copy Item."""
    return _called(call, move=False)


def move(call: Call) -> Answer:
    """Move Item."""
    return _called(call, move=True)


def _called(call: Call, move: bool) -> Answer:
    platform, repo, path = call.platform, call.args["repo"], call.args["path"]
    to = call.first("to").strip("/")
    if not to:
        raise Refused(400, "Missing parameter 'to'")
    to_repo, _, to_path = to.partition("/")
    to_path = "/".join(part for part in to_path.split("/") if part)
    if any(part in {".", ".."} for part in to_path.split("/")):
        raise Refused(400, f"Invalid path: {to_path[:200]}")
    source = platform.artifacts.store_of(repo)
    if source == TRASH and not call.caller.admin:
        raise Refused(403, "Forbidden")
    row = platform.artifacts.state.item(source, path) if source else None
    if source is None or row is None:
        messages = [{"level": "ERROR", "message": f"Could not find item at {repo}:{path}"}]
        return json_answer({"messages": messages}, 404, kind=_KIND)
    platform.security.demand(call.caller, "read", repo, path)
    target = platform.artifacts.deploy_target(to_repo)
    wish = Wish(
        (source, path), (target, to_path), move, call.flag("dry"), call.flag("suppressLayouts"), call.flag("failFast")
    )
    return answered(wish, run(platform, call.caller, wish))


def answered(wish: Wish, outcome: Outcome) -> Answer:
    """The messages."""
    word, past = ("moving", "moved") if wish.move else ("copying", "copied")
    place = f"{word} {':'.join(wish.source)} to {':'.join(wish.target)}"
    messages: list[dict[str, Any]] = [{"level": "ERROR", "message": text} for text in outcome.errors]
    if outcome.errors:
        said = f"{place} failed, {outcome.files} artifacts and {outcome.folders} folders were {past}"
        return json_answer({"messages": [*messages, {"level": "INFO", "message": said}]}, outcome.status, kind=_KIND)
    said = f"{place} completed successfully, {outcome.files} artifacts and {outcome.folders} folders were {past}"
    said = f"Dry Run for {said}" if wish.dry else said
    return json_answer({"messages": [{"level": "INFO", "message": said}]}, kind=_KIND)


def run(platform: "Platform", caller: Caller, wish: Wish) -> Outcome:
    """Does it in one transaction, or only looks whether it could be done."""
    outcome = Outcome()
    state = platform.artifacts.state
    with platform.database.transaction():
        top = state.item(*wish.source)
        if top is None:
            raise Refused(404, f"Could not find item at {':'.join(wish.source)}")
        target = _target(platform, wish, top)
        if problem := _impossible(wish, top, target):
            outcome.refuse(*problem)
            return outcome
        for row in state.tree(*wish.source):
            end = f"{target[1]}{row['path'][len(wish.source[1]) :]}".strip("/")
            _one(platform, caller, wish, row, (target[0], end), outcome)
            if outcome.errors and wish.fail_fast:
                break
        if wish.move and not wish.dry:
            _remove(platform, caller, wish, target, outcome)
    return outcome


def _target(platform: "Platform", wish: Wish, top: Row) -> tuple[str, str]:
    """A folder that is there already takes the item in; anything else is the item's new name."""
    repo, path = wish.target
    existing = platform.artifacts.state.item(repo, path)
    if existing is not None and existing["folder"] and wish.source[1] and (path or top["name"]):
        return repo, f"{path}/{top['name']}".strip("/")
    return repo, path


def _impossible(wish: Wish, top: Row, target: tuple[str, str]) -> tuple[int, str] | None:
    said = f"{'move' if wish.move else 'copy'} {':'.join(wish.source)} to {':'.join(target)}"
    if wish.source == target:
        return 400, f"Can't {said}: source and destination are the same"
    inside = target[0] == wish.source[0] and f"{target[1]}/".startswith(f"{wish.source[1]}/" if wish.source[1] else "")
    if top["folder"] and inside:
        return 400, f"Can't {said}: the destination is inside the source"
    return None


def _one(platform: "Platform", caller: Caller, wish: Wish, row: Row, target: tuple[str, str], outcome: Outcome) -> None:
    config = platform.repositories.find(target[0]) or {}
    if not wish.keep_layout and not row["folder"]:
        own = platform.repositories.find(row["repo"].removesuffix("-cache")) or {}
        names = own.get("repoLayoutRef", ""), config.get("repoLayoutRef", "")
        target = target[0], layouts.translated(platform, *names, target[1])
    if refusal := _refusal(platform, caller, wish, row, target, config):
        outcome.refuse(*refusal)
        return
    if row["path"]:
        outcome.folders += bool(row["folder"])
        outcome.files += not row["folder"]
    outcome.done.append(row)
    if not wish.dry:
        platform.artifacts.copy_one(row, target, Origin(caller.name), wish.move)


def _refusal(
    platform: "Platform", caller: Caller, wish: Wish, row: Row, target: tuple[str, str], config: dict[str, Any]
) -> tuple[int, str] | None:
    existing = platform.artifacts.state.item(*target)
    if existing is not None and bool(existing["folder"]) != bool(row["folder"]):
        kind = "folder" if existing["folder"] else "file"
        return 409, f"'{row['repo']}:{row['path']}' cannot replace the {kind} at '{':'.join(target)}'"
    try:
        if not row["folder"]:
            deploy.check_policy(config, target[1])
    except Refused as refused:
        return refused.status, refused.message
    here, there = (row["repo"], row["path"]), target
    over = existing is not None and not row["folder"]
    needed = [
        ("read", here, True, "read"),
        ("delete", here, wish.move, "move"),
        ("write", there, True, "create"),
        ("delete", there, over, "override"),
    ]
    for action, at, wanted, word in needed:
        if wanted and not platform.security.may(caller, action, *at):
            return 403, f"User doesn't have permissions to {word} '{':'.join(at)}'. Needs {action} permissions."
    return None


def _remove(platform: "Platform", caller: Caller, wish: Wish, target: tuple[str, str], outcome: Outcome) -> None:
    """After a move: the source, or of a folder from which something was refused only what went."""
    artifacts, (repo, path) = platform.artifacts, wish.source
    origin = Origin(caller.name)
    if not outcome.errors:
        artifacts.delete(repo, path, origin, how="move", target=target)
        return
    for row in sorted(outcome.done, key=lambda one: -one["depth"]):
        if not row["folder"]:
            artifacts.delete(repo, row["path"], origin, how="move", target=target)
        elif row["path"] and not artifacts.state.children(repo, row["path"]):
            artifacts.state.delete(repo, row["path"])
