"""Which package types there are, in which classes, and how clients spell them (2.7, 12.3.2): data, not code."""

from collections.abc import Mapping

CLASSES = ("local", "remote", "virtual", "federated", "releaseBundles")
"""In the order in which `repositories/configurations` groups them."""

_EVERYWHERE = (
    *("alpine", "ansible", "bower", "chef", "cocoapods", "composer", "conan", "conda", "cran", "debian", "docker"),
    *("gems", "generic", "gitlfs", "go", "gradle", "helm", "helmoci", "ivy", "maven", "npm", "nuget", "oci", "opkg"),
    *("pub", "puppet", "pypi", "rpm", "sbt", "swift", "terraform"),
)
_SOME: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("aieditorextensions", "bazelmodules", "jetbrainsplugins", "nimmodel"), ("remote",)),
    "buildinfo": ("local", "federated"),
    "cargo": ("local", "remote", "federated"),
    "hex": ("local", "remote", "virtual"),
    "huggingfaceml": ("local", "remote", "virtual", "federated"),
    "machinelearning": ("local", "federated"),
    "nix": ("local", "remote", "virtual"),
    "p2": ("remote", "virtual"),
    "releasebundles": ("local", "federated", "releaseBundles"),
    "terraformbackend": ("local",),
    "vagrant": ("local", "federated"),
    "vcs": ("remote",),
}

CLASSES_OF: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(_EVERYWHERE, ("local", "remote", "virtual", "federated")),
    **_SOME,
}
PACKAGE_TYPES = frozenset(CLASSES_OF)

_SPELLINGS: Mapping[str, str] = {
    "hugging_face_ml": "huggingfaceml",
    "huggingface": "huggingfaceml",
    "rubygems": "gems",
    "git_lfs": "gitlfs",
    "machine_learning": "machinelearning",
    "terraform_module": "terraform",
    "terraform_provider": "terraform",
    "terraform_backend": "terraformbackend",
    "release_bundles": "releasebundles",
    "yum": "rpm",
}
_CLASS_SPELLINGS: Mapping[str, str] = {
    **{name.lower(): name for name in CLASSES},
    "releasebundle": "releaseBundles",
    "release_bundle": "releaseBundles",
    "release_bundles": "releaseBundles",
}


def package_type_of(text: str) -> str:
    """The lower-case name of a package type, however it is spelt: `PyPI`, `Git LFS`, `build-info`."""
    folded = text.strip().lower().replace(" ", "_").replace("-", "_")
    return _SPELLINGS.get(folded, folded.replace("_", ""))


def class_of(text: str) -> str:
    """The class's own spelling of `LOCAL`, `Release_Bundle` and the like; what is none comes back as it is."""
    return _CLASS_SPELLINGS.get(text.strip().lower(), text)


def type_shown(rclass: str) -> str:
    """The upper-case `type` of the list call."""
    return "RELEASE_BUNDLE" if rclass == "releaseBundles" else rclass.upper()


def class_wanted(text: str) -> str:
    """The class that a list filter names; an unknown one matches nothing."""
    return class_of(text)
