"""Docker and OCI registries: the registry's own protocol over items in Artifactory's layout (12.10.3)."""
