"""artifactory.system.properties: every property that the reference names, as data, and what may be declared of them."""
