"""From what happened here to what is published, and shown by `GET`."""

from services.quote.outgoing.quotes import anonymous, event, snapshot

__all__ = ["anonymous", "event", "snapshot"]
