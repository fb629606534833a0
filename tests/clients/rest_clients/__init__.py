"""Libraries and tools that speak Artifactory's REST API, each taken through a tour of what people use it for."""
