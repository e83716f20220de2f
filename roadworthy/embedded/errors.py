"""What goes wrong with a part, in words for whoever started it."""

from __future__ import annotations


class PartError(Exception):
    """A part can't start or go on; the message says what to do."""
