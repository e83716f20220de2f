"""One service in one process, as production runs it."""

from __future__ import annotations

import asyncio

import structlog
from aiokafka.errors import KafkaError

from roadworthy import composition
from roadworthy.embedded.ports import bind
from roadworthy.server import serving
from shared.service import Service

MAX_BACKOFF_SECONDS = 10.0

log = structlog.get_logger(__name__)


async def serve(name: str, host: str, port: int) -> None:
    """Serve until cancelled; without Kafka it answers requests, and isn't ready."""
    service = composition.build(name, composition.settings_of(name))
    bound = bind(host, port)
    try:
        async with serving(service.app, bound):
            await _until_topics_are_there(service)
            await service.start()
            log.info("service.started", service=name, host=host, port=port)
            await asyncio.Event().wait()
    finally:
        await service.stop()


async def _until_topics_are_there(service: Service) -> None:
    backoff = 0.5
    while True:
        try:
            await service.kafka.create_topics()
        except (KafkaError, OSError) as error:
            log.warning("kafka.unreachable", service=service.name, error=repr(error))
            await asyncio.sleep(backoff)
            backoff = min(backoff * 2, MAX_BACKOFF_SECONDS)
        else:
            return
