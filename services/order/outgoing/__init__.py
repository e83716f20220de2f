"""From what happened here to what is published, and shown by `GET`."""

from services.order.outgoing.orders import published, service, supplement

__all__ = ["published", "service", "supplement"]
