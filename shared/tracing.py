"""OpenTelemetry, from the HTTP request through outbox and Kafka to each consumer's effect.

Off unless `OTEL_EXPORTER_OTLP_ENDPOINT` is set: the API then makes no spans, and costs nothing.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from opentelemetry import propagate, trace
from opentelemetry.trace import Span, SpanKind

from shared.events import Event

_tracer = trace.get_tracer("roadworthy")


def configure(service: str) -> None:
    """Send spans where `OTEL_EXPORTER_OTLP_ENDPOINT` says, if it says."""
    if not os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"):
        return
    # Only here: the exporter costs 0.2 s of every start, and most starts don't trace.
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider(resource=Resource.create({"service.name": service}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)


def _traces() -> bool:
    """Tell whether somebody has configured where spans go."""
    return not isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider)


def traceparent() -> str | None:
    """Name the span that this runs in, as W3C Trace Context does; nothing when it isn't traced."""
    if not trace.get_current_span().get_span_context().is_valid:
        return None
    carrier: dict[str, str] = {}
    propagate.inject(carrier)
    return carrier.get("traceparent")


@contextmanager
def serving(method: str, headers: Mapping[bytes, bytes]) -> Iterator[Span]:
    """Span an HTTP request, as a child of the caller's trace."""
    if b"traceparent" not in headers and not _traces():
        yield trace.INVALID_SPAN
        return
    carrier = {name.decode("latin-1"): value.decode("latin-1") for name, value in headers.items()}
    parent = propagate.extract(carrier)
    with _tracer.start_as_current_span(method, context=parent, kind=SpanKind.SERVER) as span:
        yield span


@contextmanager
def consuming(consumer: str, event: Event) -> Iterator[Span]:
    """Span an event's effect, as a child of the command that published it."""
    parent = propagate.extract({"traceparent": event.traceparent} if event.traceparent else {})
    with _tracer.start_as_current_span(
        f"{consumer} {event.type}",
        context=parent,
        kind=SpanKind.CONSUMER,
        attributes={"messaging.message.id": event.id, "messaging.system": "kafka"},
    ) as span:
        yield span
