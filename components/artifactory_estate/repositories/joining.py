"""Members of virtual repositories that another stack makes, while they are not there yet.

A site's stack runs before its federations', so on the first run a virtual repository is made without its federated
members, says so, and gets them in the next one.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import Any

from artifactory_estate.repositories.rest_form import Form
from artifactory_estate.rest.repositories import Configuration


def for_now(form: Form, late: Collection[str], found: Configuration) -> Form:
    """What the repository can be without its `late` members; it still reads as declared, since its text stays.

    `found`: the server's, empty when it is not there. What would be left empty stays as the server has it: it keeps a
    list that is replaced by an empty one (REST reference 2.4), and uploads go on where they went.
    """
    if not any(member in late for member in form.members):
        return form
    there = found if form.is_of_kind(found) else {}
    members = [key for key in form.fields.get("repositories") or () if key not in late]
    fields: dict[str, Any] = {**form.fields, "repositories": members or list(there.get("repositories") or ())}
    if fields.get("defaultDeploymentRepo") in late:
        del fields["defaultDeploymentRepo"]
        if (to := there.get("defaultDeploymentRepo")) in fields["repositories"]:
            fields["defaultDeploymentRepo"] = to
    return replace(form, fields=fields)


def waiting(forms: Mapping[str, Form], late: Mapping[str, str]) -> Iterator[str]:
    """What the next run completes, as sentences. `late`: the federation that makes it, by key."""
    for key, form in forms.items():
        for member in form.members:
            if member in late:
                yield f"{key}: {member} joins when federation {late[member]} has made it"
