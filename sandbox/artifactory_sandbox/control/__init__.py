"""The control API: what tests, the `estate` command and simulated machines ask the sandbox."""
