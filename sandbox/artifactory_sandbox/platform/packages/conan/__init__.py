"""Conan: the protocol with revisions that Conan 2 speaks, over items in Artifactory's layout (12.3.2)."""
