"""From the files of a node to what a platform needs; every fault stops the node with the reason Artifactory would log."""
