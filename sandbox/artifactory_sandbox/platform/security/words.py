"""The words for what may be done: Access' own, and those of the older views of the same permissions (4.6, 12.5.3)."""

LETTERS = {
    "r": "READ",
    "w": "WRITE",
    "n": "ANNOTATE",
    "d": "DELETE",
    "m": "MANAGE",
    "mxm": "SCAN",
    "x": "EXECUTE",
}
"""Permissions v1."""

SMALL = {
    "read": "READ",
    "write": "WRITE",
    "annotate": "ANNOTATE",
    "delete": "DELETE",
    "manage": "MANAGE",
    "managedXrayMeta": "SCAN",
    "distribute": "EXECUTE",
}
"""Permissions v2 of Artifactory; the first five are also what `may` and `demand` are asked for."""

SECTIONS = {"repo": "artifact", "build": "build", "releaseBundle": "release_bundle"}
"""Sections of Artifactory's permissions v2."""

RESOURCES = {
    "artifact": frozenset({"READ", "WRITE", "ANNOTATE", "DELETE", "SCAN", "MANAGE", "EXECUTE"}),
    "build": frozenset({"READ", "WRITE", "ANNOTATE", "DELETE", "SCAN", "MANAGE", "EXECUTE"}),
    "release_bundle": frozenset({"READ", "WRITE", "ANNOTATE", "DELETE", "EXECUTE", "SCAN", "MANAGE"}),
    "destination": frozenset({"READ", "WRITE", "ANNOTATE", "EXECUTE", "DELETE", "SCAN", "MANAGE"}),
    "pipeline_source": frozenset({"READ", "WRITE", "ANNOTATE", "EXECUTE", "DELETE", "SCAN", "MANAGE"}),
}
"""Resources of Access v2, and the actions that each knows."""

ROLE_ACTIONS = {
    **{f"{name}_REPOSITORY": ("artifact", word) for name, word in (
        ("READ", "READ"), ("ANNOTATE", "ANNOTATE"), ("DEPLOY_CACHE", "WRITE"), ("DELETE_OVERWRITE", "DELETE"),
        ("MANAGE_XRAY_MD", "SCAN"),
    )},
    **{f"{name}_BUILD": ("build", word) for name, word in (
        ("READ", "READ"), ("ANNOTATE", "ANNOTATE"), ("DEPLOY", "WRITE"), ("DELETE", "DELETE"), ("MANAGE_XRAY_MD", "SCAN"),
    )},
    **{f"{name}_RELEASE_BUNDLE": ("release_bundle", word) for name, word in (
        ("READ", "READ"), ("ANNOTATE", "ANNOTATE"), ("CREATE", "WRITE"), ("DISTRIBUTE", "EXECUTE"), ("DELETE", "DELETE"),
        ("MANAGE_XRAY_MD", "SCAN"),
    )},
    "MANAGE_RESOURCES": ("artifact", "MANAGE"),
}  # fmt: skip
"""What an action of a project's role grants on the project's resources."""

OTHER_ROLE_ACTIONS = frozenset(
    {
        *("READ_SOURCES_PIPELINE", "TRIGGER_PIPELINE", "READ_INTEGRATIONS_PIPELINE", "READ_POOLS_PIPELINE"),
        *("MANAGE_INTEGRATIONS_PIPELINE", "MANAGE_SOURCES_PIPELINE", "MANAGE_POOLS_PIPELINE", "TRIGGER_SECURITY"),
        *("ISSUES_SECURITY", "LICENCES_SECURITY", "REPORTS_SECURITY", "WATCHES_SECURITY", "POLICIES_SECURITY"),
        *("RULES_SECURITY", "READ_POLICIES_SECURITY", "MANAGE_MEMBERS", "READ_APPLICATION", "CREATE_APPLICATION"),
        *("PROMOTE_RELEASE_BUNDLE", "PROMOTE_BUILD", "MANAGE_APPLICATION", "DELETE_APPLICATION"),
    }
)
"""Actions of roles that concern services outside Artifactory; kept and shown."""
