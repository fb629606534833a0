"""Why a node does not start."""


class CannotStart(Exception):
    """The text is what the node logs, and its last line on standard output."""
