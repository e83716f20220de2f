"""What Prometheus is shown of the engine."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from prometheus_client import Counter, Gauge

from services.notifier.domain.delivery import Delivery, DeliveryStatus

settled = Counter(
    "roadworthy_deliveries_total", "By outcome; failed: the attempt, it is tried again", ["outcome"]
)
in_flight = Gauge("roadworthy_deliveries_in_flight", "Sent by this process, not answered yet")
oldest_due = Gauge(
    "roadworthy_deliveries_oldest_due_seconds", "How long the oldest that is due has been"
)


def count(deliveries: Iterable[Delivery], kept: Collection[str]) -> None:
    """Count what became of deliveries, of those alone that it counted for."""
    for each in deliveries:
        if each.id in kept:
            failed = each.status is DeliveryStatus.QUEUED
            settled.labels("failed" if failed else each.status.value).inc()
