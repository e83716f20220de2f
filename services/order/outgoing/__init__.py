"""From what happened here to what is published, and shown by `GET`."""

from services.order.outgoing.orders import largest, published, service, supplement

__all__ = ["largest", "published", "service", "supplement"]
