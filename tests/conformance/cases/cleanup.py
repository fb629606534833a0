"""Cleanup and archive policies (12.9)."""

from typing import Any

from tests.conformance.case import ABSENT, Call, Case, exactly, includes

_PACKAGES, _BUNDLES = "/artifactory/api/cleanup/packages/policies", "/artifactory/api/cleanup/bundles/policies"
_ARCHIVE = "/artifactory/api/archive/v2/packages/policies"


def _policy(unset: str = "", **criteria: Any) -> dict[str, Any]:
    wanted = {"packageTypes": ["npm"], "repos": ["**"], "includedPackages": ["**"], "includeAllProjects": False,
              "createdBeforeInDays": 30, **criteria}  # fmt: skip
    return {"key": "$id", "searchCriteria": {name: value for name, value in wanted.items() if name != unset}}


_BUNDLE = {"key": "$id", "itemType": "releaseBundle",
           "searchCriteria": {"releaseBundles": [{"name": "b", "projectKey": ""}], "excludePromotedEnvironments": ["**"],
                              "includeAllProjects": True}}  # fmt: skip


def _post(body: Any, path: str = _PACKAGES) -> Call:
    return Call("POST", f"{path}/$id", body)


def _refused(name: str, body: Any, path: str = _PACKAGES) -> Case:
    return Case("12.9", name, _post(body, path), 400)


CASES = (
    Case("12.9", "a policy is created disabled", _post(_policy()), 201, {"key": "$id", "enabled": False}),
    Case("12.9", "a policy is read back with its defaults and nothing that was not set",
         Call("GET", f"{_PACKAGES}/$id"), 200,
         exactly({"key": "$id", "cronExp": "", "durationInMinutes": 0, "enabled": False, "skipTrashcan": False,
                  "projectKey": "", "searchCriteria": exactly(_policy()["searchCriteria"])}), before=(_post(_policy()),)),
    Case("12.9", "what was set comes back", Call("GET", f"{_PACKAGES}/$id"), 200,
         {"description": "d", "cronExp": "0 0 2 * * ?", "durationInMinutes": 60, "skipTrashcan": True},
         before=(_post({**_policy(), "description": "d", "cronExp": "0 0 2 * * ?", "durationInMinutes": 60,
                        "skipTrashcan": True}),)),
    Case("12.9", "conditions that were not set are absent", Call("GET", f"{_PACKAGES}/$id"), 200,
         {"searchCriteria": {"keepLastNVersions": ABSENT, "lastDownloadedBeforeInDays": ABSENT,
                             "createdBeforeInMonths": ABSENT, "includedProperties": ABSENT, "excludedRepos": ABSENT}},
         before=(_post(_policy()),)),
    Case("12.9", "the number of versions to keep is a condition", Call("GET", f"{_PACKAGES}/$id"), 200,
         {"searchCriteria": {"keepLastNVersions": 3, "createdBeforeInDays": ABSENT}},
         before=(_post(_policy("createdBeforeInDays", keepLastNVersions=3)),)),
    Case("12.9", "properties are a condition", Call("GET", f"{_PACKAGES}/$id"), 200,
         {"searchCriteria": {"includedProperties": {"k": ["v"]}}},
         before=(_post(_policy("createdBeforeInDays", includedProperties={"k": ["v"]})),)),
    Case("12.9", "enabling is a call of its own", Call("GET", f"{_PACKAGES}/$id"), 200, {"enabled": True},
         before=(_post(_policy()), Call("POST", f"{_PACKAGES}/$id/enablement", {"enabled": True}))),
    Case("12.9", "and so is disabling", Call("GET", f"{_PACKAGES}/$id"), 200, {"enabled": False},
         before=(_post(_policy()), Call("POST", f"{_PACKAGES}/$id/enablement", {"enabled": True}),
                 Call("POST", f"{_PACKAGES}/$id/enablement", {"enabled": False}))),
    _refused("a policy cannot be created enabled", {**_policy(), "enabled": True}),
    Case("12.9", "an update cannot enable", Call("PUT", f"{_PACKAGES}/$id", {**_policy(), "enabled": True}), 400,
         before=(_post(_policy()),)),
    Case("12.9", "an update with the current value replaces", Call("GET", f"{_PACKAGES}/$id"), 200,
         {"searchCriteria": {"createdBeforeInDays": 7}},
         before=(_post(_policy()),
                 Call("PUT", f"{_PACKAGES}/$id", {**_policy(createdBeforeInDays=7), "enabled": False}))),
    Case("12.9", "an unknown policy is gone", Call("GET", f"{_PACKAGES}/$id"), 404),
    Case("12.9", "an unknown policy cannot be updated", Call("PUT", f"{_PACKAGES}/$id", _policy()), 404),
    Case("12.9", "deleting answers exactly 200", Call("DELETE", f"{_PACKAGES}/$id"), 200, before=(_post(_policy()),)),
    Case("12.9", "a deleted policy is gone", Call("GET", f"{_PACKAGES}/$id"), 404,
         before=(_post(_policy()), Call("DELETE", f"{_PACKAGES}/$id"))),
    Case("12.9", "a key is taken for all kinds", _post(_policy(), _ARCHIVE), 409, before=(_post(_policy()),)),
    Case("12.9", "a key of two characters is refused", Call("POST", f"{_PACKAGES}/ab", {**_policy(), "key": "ab"}), 400),
    Case("12.9", "a key with a dot is refused", Call("POST", f"{_PACKAGES}/a.b.c", {**_policy(), "key": "a.b.c"}), 400),
    _refused("a cron expression that is none", {**_policy(), "cronExp": "daily"}),
    _refused("an unknown package type", _policy(packageTypes=["parcels"])),
    _refused("no condition at all", _policy("createdBeforeInDays")),
    _refused("a condition of 0", _policy(createdBeforeInDays=0)),
    _refused("two patterns of packages", _policy(includedPackages=["a", "b"])),
    _refused("a number of versions beside another condition", _policy(keepLastNVersions=2)),
    _refused("a number of versions of generic packages",
             _policy("createdBeforeInDays", packageTypes=["generic"], keepLastNVersions=2)),
    _refused("properties with two keys", _policy("createdBeforeInDays", includedProperties={"a": ["1"], "b": ["2"]})),
    _refused("properties with two values", _policy("createdBeforeInDays", includedProperties={"a": ["1", "2"]})),
    _refused("a project's policy with a key of another", {**_policy(), "projectKey": "other"}),
    Case("12.9", "a bundle policy has an item type and no cron unless one is set", Call("GET", f"{_BUNDLES}/$id"), 200,
         {"itemType": "releaseBundle", "cronExp": ABSENT, "skipTrashcan": ABSENT,
          "searchCriteria": {"releaseBundles": [{"name": "b", "projectKey": ""}], "createdBeforeInMonths": 24}},
         before=(_post(_BUNDLE, _BUNDLES),)),
    Case("12.9", "a bundle policy is enabled and deleted alike", Call("DELETE", f"{_BUNDLES}/$id"), 200,
         before=(_post(_BUNDLE, _BUNDLES), Call("POST", f"{_BUNDLES}/$id/enablement", {"enabled": True}))),
    _refused("a bundle policy without bundles", {"key": "$id", "searchCriteria": {}}, _BUNDLES),
    Case("12.9", "an archive policy is read back", Call("GET", f"{_ARCHIVE}/$id"), 200,
         {"key": "$id", "cronExp": "", "searchCriteria": {"packageTypes": ["vagrant"]}},
         before=(_post(_policy(packageTypes=["vagrant"]), _ARCHIVE),)),
    Case("12.9", "a bundle policy is updated", Call("GET", f"{_BUNDLES}/$id"), 200, {"durationInMinutes": 5},
         before=(_post(_BUNDLE, _BUNDLES),
                 Call("PUT", f"{_BUNDLES}/$id", {**_BUNDLE, "enabled": False, "durationInMinutes": 5}))),
    Case("12.9", "an archive policy is enabled by its own call", Call("GET", f"{_ARCHIVE}/$id"), 200, {"enabled": True},
         before=(_post(_policy(), _ARCHIVE), Call("POST", f"{_ARCHIVE}/$id/enablement", {"enabled": True}))),
    Case("12.9", "an archive policy is updated", Call("GET", f"{_ARCHIVE}/$id"), 200, {"description": "d"},
         before=(_post(_policy(), _ARCHIVE), Call("PUT", f"{_ARCHIVE}/$id", {**_policy(), "description": "d"}))),
    Case("12.9", "an archive policy is deleted with 200", Call("DELETE", f"{_ARCHIVE}/$id"), 200,
         before=(_post(_policy(), _ARCHIVE),)),
    _refused("a package type that is only archived", _policy(packageTypes=["vagrant"])),
    Case("12.9", "an archive policy is no cleanup policy", Call("GET", f"{_PACKAGES}/$id"), 404,
         before=(_post(_policy(), _ARCHIVE),)),
    Case("12.9", "policies are listed", Call("GET", _PACKAGES), 200, includes({"key": "$id"}), before=(_post(_policy()),)),
    Case("12.9", "only administrators see policies", Call("GET", f"{_PACKAGES}/$id", caller="somebody"), 403,
         before=(_post(_policy()),)),
    Case("0.4", "malformed JSON is a 400", Call("POST", f"{_PACKAGES}/$id", "{"), 400),
)  # fmt: skip
