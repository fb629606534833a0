"""The calls of the event service (12.7)."""

from artifactory_sandbox.platform.web import Answer, Call, Route, empty, json_answer
from artifactory_sandbox.platform.webhooks import subscriptions

_API = "/event/api/v1/subscriptions"


def listed(call: Call) -> Answer:
    """Get all webhook subscriptions."""
    project = call.first("project_key") or call.first("projectKey")
    return json_answer([subscriptions.shown(config) for config in call.platform.webhooks.state.all(project)])


def create(call: Call) -> Answer:
    """Create a subscription."""
    return json_answer(call.platform.webhooks.create(call.json_object()), 201)


def get(call: Call) -> Answer:
    """One subscription."""
    return json_answer(subscriptions.shown(call.platform.webhooks.get(call.args["key"])))


def replace(call: Call) -> Answer:
    """Update a subscription."""
    call.platform.webhooks.replace(call.args["key"], call.json_object())
    return empty(204)


def delete(call: Call) -> Answer:
    """Delete a subscription."""
    call.platform.webhooks.delete(call.args["key"])
    return empty(204)


def test(call: Call) -> Answer:
    """Test the subscription that the body describes; 200 also when the handler refuses."""
    return json_answer(call.platform.webhooks.test(call.json_object(), call.caller.name))


ROUTES = (
    Route("GET", _API, "12.7", listed),
    Route("POST", _API, "12.7", create),
    Route("POST", f"{_API}/test", "12.7", test),
    Route("GET", f"{_API}/{{key}}", "12.7", get),
    Route("PUT", f"{_API}/{{key}}", "12.7", replace),
    Route("DELETE", f"{_API}/{{key}}", "12.7", delete),
)
