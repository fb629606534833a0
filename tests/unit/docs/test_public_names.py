"""What `import artifactory_estate` gives, and what it costs."""

import subprocess
import sys

import pytest

import artifactory_estate


@pytest.mark.parametrize("name", artifactory_estate.__all__)
def test_each_name_is_a_documented_class(name: str) -> None:
    found = getattr(artifactory_estate, name)
    assert isinstance(found, type) and found.__name__ == name and found.__doc__


def test_the_names_are_the_eight_and_sorted() -> None:
    wanted = {"Estate", "Site", "VersionedFilestore", "Database", "LoadBalancer", "Repositories", "Federation"}
    assert set(artifactory_estate.__all__) == wanted | {"DisasterRecoveryPair"}
    assert artifactory_estate.__all__ == sorted(artifactory_estate.__all__)
    assert set(artifactory_estate.__all__) <= set(dir(artifactory_estate))


def test_another_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'Nonsense'"):
        getattr(artifactory_estate, "Nonsense")  # noqa: B009


def test_importing_the_package_imports_no_engine() -> None:
    program = "import sys, artifactory_estate; print([m for m in ('pulumi', 'pydantic', 'boto3') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"
