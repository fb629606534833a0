"""Which Artifactory the nodes run, and from where everything that they install comes."""

from typing import Annotated, Literal

from artifactory_estate.base import Model
from artifactory_estate.base.name import Digest
from artifactory_estate.base.text_form import form

Version = Annotated[str, form(r"^[0-9]{1,4}\.[0-9]{1,4}\.[0-9]{1,4}$", "a whole version such as 7.111.4")]
SystemSource = Literal["image", "region", "distribution"]


class Package(Model):
    """The installer, mirrored into the estate's bucket: no public download at boot."""

    source: Annotated[str, form(r"^(sandbox|s3://[^\s@]+|https://[^\s@]+)$", "s3://…, https://… or sandbox")]
    """`s3://…`, `https://…`, or `sandbox` for the simulated platform."""
    sha256: Digest
    """Of the file; checked before it is mirrored and on each node."""
    download_at_boot: bool = False
    """True: not mirrored, each new node downloads it from `source`, which then has to be there whenever a node starts."""


class SystemPackage(Model):
    """A package of the operating system, mirrored into the site's bucket as the installer is."""

    source: Annotated[
        str,
        form(r"^(s3://[^\s@]+|https://[^\s@]+)\.(rpm|deb)(\?\S*)?$", "s3://… or https://… of a file NAME.rpm or .deb"),
    ]
    """`s3://…` or `https://…`."""
    sha256: Digest
    """Of the file; checked before it is mirrored and on each machine."""


class Artifactory(Model):
    """Which Artifactory, and from where."""

    version: Version
    """`7.111.4`."""
    package: Package | None = None
    """One of `package` and `ami`."""
    ami: Annotated[str, form(r"^ami-[0-9a-f]{8,17}$", "an image id, ami-…,")] | None = None
    """An image with Artifactory installed."""
    system_packages: SystemSource | tuple[SystemPackage, ...] | None = None
    """Where machines get what their image lacks of the system: client of the database, web server, NFS, CloudWatch agent
    (decision 0020). A list: those files, from the site's bucket. `region`: Amazon Linux's own repository, which S3 has in
    each region; no other is asked. `distribution`: whatever repositories the image knows, public ones too. `image`:
    nowhere. Default: `region`; with `ami`: `image`, and `region` for fronts, which run Amazon Linux."""
    pre_install: str | None = None
    """Shell file, relative to the document, run on each node before the installation."""
    post_install: str | None = None
    """Shell file, relative to the document, run on each node after it."""

    @property
    def release(self) -> tuple[int, ...]:
        """The version as numbers, to compare: (7, 111, 4)."""
        return tuple(int(part) for part in self.version.split("."))

    @property
    def system_files(self) -> tuple[SystemPackage, ...]:
        """The packages that `system_packages` lists."""
        return self.system_packages if isinstance(self.system_packages, tuple) else ()

    def system_source(self, *, own_image: bool) -> SystemSource:
        """Whom a machine may ask for packages of the system by name; `own_image`: whether it runs `ami`.

        >>> Artifactory(version="7.111.4", ami="ami-12345678").system_source(own_image=True)
        'image'
        """
        if isinstance(self.system_packages, str):
            return self.system_packages
        return "image" if own_image or self.system_packages is not None else "region"
