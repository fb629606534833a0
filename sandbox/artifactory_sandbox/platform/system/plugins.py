"""User plugins: none runs here, and whoever asks is told so."""

from artifactory_sandbox.platform.web import Answer, Call, Needs, Refused, Route, json_answer, text

API = "/artifactory/api/plugins"
_KINDS = ("download", "storage", "jobs", "executions", "build", "promotions", "realms", "staging", "replication")


def listed(call: Call) -> Answer:
    """Retrieve User Plugin Info, of all kinds or of one: a list for each kind that has a plugin."""
    kind = call.args.get("kind", "")
    if kind and kind not in _KINDS:
        raise Refused(404, f"No plugin info was found for type '{kind[:50]}'.")
    return json_answer({})


def execute(call: Call) -> Answer:
    """Execute Plugin Code."""
    raise Refused(404, f"Could not find execution '{call.args['name'][:100]}'.")


def reload(_call: Call) -> Answer:
    """Reload Plugins."""
    return text("No new user plugins were found.")


ROUTES = (
    Route("GET", API, "12.11", listed, Needs.CALLER),
    Route("GET", f"{API}/{{kind}}", "12.11", listed, Needs.CALLER),
    Route("POST", f"{API}/execute/{{name}}", "12.11", execute, Needs.CALLER),
    Route("GET", f"{API}/execute/{{name}}", "12.11", execute, Needs.CALLER),
    Route("POST", f"{API}/reload", "12.11", reload),
)
