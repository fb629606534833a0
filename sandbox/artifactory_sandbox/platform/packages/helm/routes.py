"""`api/helm/{repo}`: the index and the charts, uploads, reindexing; also the index at the repository's plain path (12.3.2)."""

from artifactory_sandbox.platform.artifacts import deploy, download
from artifactory_sandbox.platform.packages import derived, hooks, sources
from artifactory_sandbox.platform.packages.archives import BadArchive
from artifactory_sandbox.platform.packages.helm import charts
from artifactory_sandbox.platform.packages.helm.charts import INDEX, Chart
from artifactory_sandbox.platform.packages.reindex import reindex
from artifactory_sandbox.platform.packages.sources import Source
from artifactory_sandbox.platform.state import Row
from artifactory_sandbox.platform.web import Answer, Call, Needs, Refused, Route, Upload

_REPO = "/artifactory/api/helm/{repo}"
_REST = f"{_REPO}/{{path:path}}"
_MEDIA = "text/yaml"


def get(call: Call) -> Answer:
    """`index.yaml` with addresses at this platform, or a chart."""
    repo, path = call.args["repo"], call.args["path"]
    if path == INDEX:
        return _index(call, f"{call.artifactory_url}/api/helm/{repo}/")
    for source, inside in _places(call, path):
        row = _file(call, source, inside)
        if row is not None and not row["folder"]:
            return download.answer(call, row)
    raise Refused(404, "File not found.")


def _index(call: Call, base: str) -> Answer:
    platform, repo = call.platform, call.args["repo"]
    found = _sources(call)
    config = platform.repositories.find(repo) or {}
    listed = charts.merged(platform, found, bool(config.get("useNamespaces")))
    return derived.answer(call, charts.index(listed, base), _MEDIA)


def _sources(call: Call, path: str = "") -> list[Source]:
    sources.demand_type(call.platform, call.args["repo"], "helm")
    return sources.sources(call.platform, call.caller, call.args["repo"], path, sources.origin(call))


def _places(call: Call, path: str) -> list[tuple[Source, str]]:
    """Where a chart may be: under its path in each source, or below the name of one where the virtual one uses namespaces."""
    config = call.platform.repositories.find(call.args["repo"]) or {}
    if not config.get("useNamespaces"):
        return [(source, path) for source in _sources(call, path)]
    member, _, inside = path.partition("/")
    return [(source, inside) for source in _sources(call, inside) if source.repo == member]


def _file(call: Call, source: Source, path: str) -> Row | None:
    if not sources.allowed(source, path):
        return None
    row = call.platform.artifacts.state.item(source.store, path)
    if row is not None or not source.remote:
        return row
    chart = next((one for one in charts.upstream(call.platform, source) or [] if one.path == path), None)
    if chart is None or chart.outside:
        address = f"{str(source.config['url']).rstrip('/')}/{path}"
        return None if path.startswith("external/") else sources.fetched(call.platform, source, address, path, {})
    return sources.fetched(call.platform, source, chart.address, path, _declared(chart))


def _declared(chart: Chart) -> dict[str, str]:
    digest = chart.digest.removeprefix("sha256:")
    return {"sha256": digest} if len(digest) == 64 else {}


def put(call: Call) -> Answer:
    """Deploys a chart; what is none is refused."""
    sources.demand_type(call.platform, call.args["repo"], "helm")
    if call.upload is not None and call.args["path"].endswith(".tgz"):
        _chart_in(call.upload)
    return deploy.deploy(call)


def _chart_in(upload: Upload) -> object:
    try:
        with upload.path.open("rb") as file:
            found = charts.read(file, whole=True)
    except BadArchive as error:
        raise Refused(400, f"The chart cannot be read: {error}") from None
    if found is None:
        raise Refused(400, "The archive has no Chart.yaml with a name and a version")
    return found


def calculate(call: Call) -> Answer:
    """Calculate Helm Chart Index."""
    return reindex(call, "helm", f"Helm index refresh for '{call.args['repo']}' accepted")


def computed(call: Call, repo: str, path: str) -> Answer | None:
    """The index at the plain path, with relative addresses; a remote's cache shows the one that it keeps."""
    if path != INDEX or call.platform.repositories.find(repo) is None:
        return None
    return _index(call, "")


def checked(call: Call, target: str, path: str, upload: Upload) -> None:
    """What a repository with `forceMetadataNameVersion` or `forceNonDuplicateChart` does not let in."""
    config = call.platform.repositories.find(target) or {}
    named, single = config.get("forceMetadataNameVersion"), config.get("forceNonDuplicateChart")
    if not path.endswith(".tgz") or not (named or single):
        return
    with upload.path.open("rb") as file:
        try:
            fields = charts.read(file)
        except BadArchive:
            fields = None
    if fields is None:
        raise Refused(403, f"'{path}' is not a chart")
    wanted = f"{fields['name']}-{fields['version']}.tgz"
    if named and path.rpartition("/")[2] != wanted:
        raise Refused(403, f"The file of the chart must be named '{wanted}', as its metadata says")
    for chart in charts.stored(call.platform, Source(target, "local", target, config)) if single else ():
        if (chart.name, chart.version) == (fields["name"], fields["version"]) and chart.path != path:
            raise Refused(403, f"The chart '{chart.name}' of version '{chart.version}' is at '{chart.path}' already")


hooks.COMPUTED["helm"] = computed
hooks.DESCRIBED["helm"] = charts.described
hooks.CHECKED["helm"] = checked

ROUTES = (
    Route("POST", f"{_REPO}/reindex", "12.3.2", calculate, Needs.USER),
    Route("GET", _REST, "12.3.2", get, Needs.CALLER),
    Route("PUT", _REST, "12.3.2", put, Needs.CALLER, body="file"),
)
