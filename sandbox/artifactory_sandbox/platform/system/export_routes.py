"""Export and import over HTTP (1.8)."""

import json

from artifactory_sandbox.platform.system import access_dump, export, export_settings, importing
from artifactory_sandbox.platform.system.export_settings import Report
from artifactory_sandbox.platform.web import Answer, Call, Needs, Refused, Route, json_answer, text

API = "/artifactory/api"
_FAILED = "{} finished with errors. Check Artifactory logs for more details."
_BACKUP = "access.backup."


def export_example(call: Call) -> Answer:
    """Export System Settings Example."""
    del call
    return json_answer(dict(export_settings.EXPORT_EXAMPLE), kind="system.ExportSettings")


def export_system(call: Call) -> Answer:
    """Export System: a stream of log lines."""
    platform = call.platform
    settings = export_settings.read(call.json_object(), "exportPath")
    base = export.place(platform, settings.path)
    report = Report(settings.verbose)
    busy = Refused(409, "An export is already running")
    with platform.system.tasks.running("export", f"system export to {settings.path}", busy):
        report.say("Exporting system")
        made = export.system(platform, settings, base, report)
    return _done("Export", settings.fail_on_error, report, f"System was exported to {platform.folders.shown(made)}")


def _done(what: str, fail_on_error: bool, report: Report, said: str) -> Answer:
    if report.problems and fail_on_error:
        return text(report.text + _FAILED.format(what) + "\n", 500)
    report.say(said)
    return text(report.text)


def import_example(call: Call) -> Answer:
    """Full System Import: its settings."""
    del call
    return json_answer(dict(export_settings.IMPORT_EXAMPLE), kind="system.ImportSettings")


def import_system(call: Call) -> Answer:
    """Full System Import: replaces configuration, repositories and content."""
    platform = call.platform
    if platform.properties.get("artifactory.system.import.enabled", "true").lower() == "false":
        raise Refused(403, "System import is disabled.")
    settings = export_settings.read(call.json_object(), "importPath")
    report = Report(settings.verbose)
    busy = Refused(409, "An import is already running")
    with (
        importing.opened(platform, settings.path) as base,
        platform.system.tasks.running("import", f"system import from {settings.path}", busy),
    ):
        report.say("Importing system")
        importing.system(platform, settings, base, report)
    return _done("Import", settings.fail_on_error, report, "System was imported")


def import_repositories(call: Call) -> Answer:
    """Import Repository Content: to one repository, or to each that a folder is named like."""
    platform = call.platform
    path = call.first("path")
    if not path:
        raise Refused(400, "You must provide a repository path to import from.")
    if platform.properties.get("artifactory.repository.import.enabled", "true").lower() == "false":
        raise Refused(403, "Repository import is disabled.")
    settings = export_settings.Settings(path, metadata=call.flag("metadata", True), verbose=call.flag("verbose"))
    report = Report(settings.verbose)
    with (
        importing.opened(platform, path) as base,
        platform.system.tasks.running("import", f"repository import from {path}"),
    ):
        importing.repositories(platform, base, call.first("repo"), settings, report)
    return _done("Import", call.flag("failOnError"), report, "Repository content was imported")


def export_repository(call: Call) -> Answer:
    """Export of one repository, or of all, as the UI asks for it."""
    sent, platform = call.json_object(), call.platform
    if sent.get("action", "repository") not in ("repository", "system"):  # it may be what has no hash
        raise Refused(400, f"Unknown action '{str(sent['action'])[:80]}'")
    settings = export_settings.read(
        {"path": sent.get("path"), "m2": sent.get("m2"), "verbose": sent.get("verbose")}, "path"
    )
    settings.metadata = not sent.get("excludeMetadata", False)
    key = str(sent.get("repository") or "")
    known = [config["key"] for config in map(json.loads, _texts(call)) if config["rclass"] != "virtual"]
    if key not in {*known, "All Repositories"} and platform.repositories.class_of(key) != "remote":
        raise Refused(404, f"No repository '{key[:80]}' was found.")
    report = Report(settings.verbose)
    with platform.system.tasks.running("export", f"export of repository {key}"):
        for one in known if key == "All Repositories" else [key]:
            store = platform.artifacts.store_of(one) or one
            export.repository(platform, store, settings, export.place(platform, settings.path), report)
    if report.problems:
        raise Refused(500, _FAILED.format("Export"))
    return json_answer({"info": f"Successfully exported repository '{key}'"})


def _texts(call: Call) -> list[str]:
    return [row["config"] for row in call.platform.repositories.state.texts()]


def access_export(call: Call) -> Answer:
    """The backup of Access: a file in the node's backup folder."""
    platform = call.platform
    folder = platform.folders.backup / "access"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{_BACKUP}{platform.clock.now()}.json"
    path.touch(mode=0o600)
    path.write_text(json.dumps(access_dump.dump(platform)))
    return json_answer({"path": platform.folders.shown(path)}, 202)


def access_import(call: Call) -> Answer:
    """Import Access Configuration: the newest backup of this node is merged into what is there."""
    call.json_object()
    folder = call.platform.folders.backup / "access"
    files = sorted(folder.glob(f"{_BACKUP}*.json")) if folder.is_dir() else []
    if not files:
        raise Refused(400, "There is no backup of Access to import")
    try:
        found = json.loads(files[-1].read_bytes())
    except (ValueError, RecursionError):
        raise Refused(400, f"{files[-1].name} is not valid JSON") from None
    if why := access_dump.problem(call.platform, found):
        raise Refused(400, f"{files[-1].name} is not valid: {why}")
    access_dump.restore(call.platform, found)
    return json_answer({"imported": files[-1].name})


ROUTES = (
    Route("GET", f"{API}/export/system", "1.8", export_example),
    Route("POST", f"{API}/export/system", "1.8", export_system),
    Route("GET", f"{API}/import/system", "1.8", import_example),
    Route("POST", f"{API}/import/system", "1.8", import_system),
    Route("POST", f"{API}/import/repositories", "1.8", import_repositories),
    Route("POST", f"{API}/artifactexport/repository", "1.8", export_repository),
    Route("POST", "/access/api/v1/system/backup/export", "1.8", access_export, Needs.ADMIN),
    Route("POST", "/access/api/v1/system/backup/import", "1.8", access_import, Needs.ADMIN),
)
