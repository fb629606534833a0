"""Listing versions does not copy every object's bytes: stock moto deep-copies them, 71 s for 20,000 versions."""

import copy
from typing import Any

from moto.s3.models import FakeKey

from artifactory_sandbox.aws.patches.hooks import Hooks
from artifactory_sandbox.aws.patches.scratch import Scratch, expect


def apply(hooks: Hooks) -> None:
    """A deep copy of a key is a shallow one: the listing reads it and changes nothing but flags of the copy."""
    del hooks

    def shallow(self: Any, memo: dict[int, Any]) -> Any:
        twin = self.__class__.__new__(self.__class__)
        twin.__dict__.update(self.__dict__)
        memo[id(self)] = twin
        return twin

    FakeKey.__deepcopy__ = shallow


def check(aws: Scratch) -> None:
    """A copied key shares its bytes, and versions are listed newest first with their own flags."""
    s3 = aws.bucket("check-versions")
    ids = [s3.put_object(Bucket="check-versions", Key="key", Body=body)["VersionId"] for body in (b"1", b"2")]
    listed = s3.list_object_versions(Bucket="check-versions")["Versions"]
    expect([row["VersionId"] for row in listed if row["IsLatest"]] == ids[1:], "one version is the latest")
    expect({row["VersionId"] for row in listed} == set(ids), "both versions are listed")
    key = FakeKey("key", b"bytes", "123456789012", "us-east-2")
    expect(copy.deepcopy(key)._value_buffer is key._value_buffer, "a copy of a key does not copy its bytes")
    key.dispose()
