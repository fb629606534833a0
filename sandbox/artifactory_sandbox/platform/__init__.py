"""A simulated Artifactory node: simulated, not JFrog Artifactory.

One folder a service, each with the same rooms: `routes.py` (its rows of the route table and what they answer),
`behaviour.py` (what the service does), `state.py` (all of its SQL). `web` knows HTTP and no service, `state` knows SQL and no
service, `boot` turns the files of a node into a `Platform`. Sections named in docstrings are those of the REST reference.
"""
