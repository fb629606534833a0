"""Mounts that name no source (reference 12.10.3): only what the caller may read is found."""

from tests.platform.running import Bare
from tests.platform.test_packages_docker import digest, reader, upload


def test_a_mount_without_a_source_finds_what_the_caller_may_read(platform: Bare) -> None:
    platform.make("d-any", packageType="docker")
    writer = reader(platform, "taker", "d-any", "WRITE")
    upload(platform, "d-any/secret", b"secret layer")
    address = f"/v2/d-any/mine/blobs/uploads/?mount={digest(b'secret layer')}"
    assert platform("POST", address, auth=writer).status_code in {202, 403}
    assert platform("HEAD", f"/v2/d-any/mine/blobs/{digest(b'secret layer')}").status_code == 404
    assert platform("POST", address).status_code == 201


def test_a_mount_without_a_source_does_not_look_elsewhere(platform: Bare) -> None:
    for key in ("d-here", "d-there"):
        platform.make(key, packageType="docker")
    upload(platform, "d-there/app", b"elsewhere")
    address = f"/v2/d-here/app/blobs/uploads/?mount={digest(b'elsewhere')}"
    assert platform("POST", address).status_code == 202
