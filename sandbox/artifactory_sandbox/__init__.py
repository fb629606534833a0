"""The sandbox: an estate on a laptop. Simulated, not JFrog Artifactory."""
