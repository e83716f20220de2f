"""The baseline of `quotes`: FastAPI and asyncpg, no more, making the same rows in one transaction.

It checks no token, looks up no rate, keeps no key, logs and counts nothing, and publishes nothing.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import orjson
from asyncpg.pool import PoolConnectionProxy
from fastapi import FastAPI
from fastapi.responses import Response
from pydantic import BaseModel

from roadworthy.embedded.ports import bind
from roadworthy.server import run, serving
from shared.ids import new_event_id, new_id

POOL_SIZE = 8  # what a service has by default

QUOTE = """
INSERT INTO quotes (id, partner_id, status, version, sequence, vehicle, currency, rounding,
                    checkout_url, created_at, expires_at, estimated_completion_at)
VALUES ($1, $2, 'awaiting-payment', 1, 1, $3, 'AUD', 'half-up', $4, $5, $6, $7)
"""
LINE = """
INSERT INTO quote_items (quote_id, line, id, service, description, quantity, labour, parts, fees,
                         tax, duration, "authorization")
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'open')
"""
EVENT = """
WITH logged AS (
    INSERT INTO events (id, type, source, subject, "time", sequence, partner_id, correlation_id,
                        data)
    VALUES ($1, 'quote.created', '/quote', $2, $3, 1, $4, $5, $6)
    RETURNING position, recorded_at
)
INSERT INTO outbox (position, recorded_at) SELECT position, recorded_at FROM logged
"""


class Item(BaseModel):
    """A service that is asked for."""

    service: str
    quantity: int = 1


class Vehicle(BaseModel):
    """The vehicle that is asked about."""

    vin: str
    mileage: int | None = None


class NewQuote(BaseModel):
    """What is asked for."""

    vehicle: Vehicle
    items: list[Item]


def _amount(cents: int) -> dict[str, Any]:
    return {"amount": cents, "currency": "AUD"}


def _line(item: Item) -> dict[str, Any]:
    return {
        "id": new_id("itm"),
        "service": item.service,
        "description": item.service.capitalize(),
        "quantity": item.quantity,
        "notes": None,
        "labour": _amount(29000),
        "parts": _amount(4500),
        "fees": _amount(0),
        "price": _amount(33500),
        "tax": _amount(3350),
        "total": _amount(36850),
        "authorization": "open",
    }


def _quote(asked: NewQuote, partner_id: str, now: datetime) -> dict[str, Any]:
    quote_id = new_id("quo")
    return {
        "id": quote_id,
        "partner_id": partner_id,
        "workshop_id": None,
        "deal_id": None,
        "external_reference": None,
        "type": "reconditioning",
        "status": "awaiting-payment",
        "version": 1,
        "vehicle": {
            "vin": asked.vehicle.vin,
            "registration": None,
            "make": None,
            "model": None,
            "year": None,
            "mileage": asked.vehicle.mileage,
            "vehicle_class": "any",
        },
        "items": [_line(item) for item in asked.items],
        "currency": "AUD",
        "subtotal": _amount(33500 * len(asked.items)),
        "tax": _amount(3350 * len(asked.items)),
        "total": _amount(36850 * len(asked.items)),
        "estimated_duration": "PT4H",
        "estimated_completion_at": now + timedelta(days=2),
        "needed_by": None,
        "expires_at": now + timedelta(days=7),
        "contact": None,
        "pre_authorized": None,
        "checkout_url": f"http://127.0.0.1:8000/checkout/{quote_id}",
        "paid": False,
        "order_id": None,
        "reason": None,
        "warnings": [],
        "created_at": now,
    }


async def _save(connection: PoolConnectionProxy[Any], quote: dict[str, Any], data: bytes) -> None:
    now = quote["created_at"]
    async with connection.transaction():
        await connection.execute(
            QUOTE,
            quote["id"],
            quote["partner_id"],
            orjson.dumps(quote["vehicle"]).decode(),
            quote["checkout_url"],
            now,
            quote["expires_at"],
            quote["estimated_completion_at"],
        )
        await connection.executemany(
            LINE,
            [
                (
                    quote["id"],
                    number,
                    line["id"],
                    line["service"],
                    line["description"],
                    line["quantity"],
                    *(line[part]["amount"] for part in ("labour", "parts", "fees", "tax")),
                    timedelta(hours=2),
                )
                for number, line in enumerate(quote["items"])
            ],
        )
        event_id = new_event_id()
        await connection.execute(
            EVENT, event_id, quote["id"], now, quote["partner_id"], event_id, data.decode()
        )


def build(pool: asyncpg.Pool[Any]) -> FastAPI:
    """Make the app over a pool of connections."""
    app = FastAPI()
    partner_id = new_id("par")

    @app.post("/v1/quotes", status_code=201)
    async def create_quote(asked: NewQuote) -> Response:
        quote = _quote(asked, partner_id, datetime.now(UTC))
        data = orjson.dumps(quote)
        async with pool.acquire() as connection:
            await _save(connection, quote, data)
        return Response(data, 201, media_type="application/json")

    @app.get("/readyz")
    async def ready() -> dict[str, bool]:
        return {"ready": True}

    return app


@asynccontextmanager
async def _pool() -> AsyncIterator[asyncpg.Pool[Any]]:
    dsn = os.environ["DATABASE_URL"].replace("+asyncpg", "")
    async with asyncpg.create_pool(
        dsn, min_size=POOL_SIZE, max_size=POOL_SIZE, server_settings={"jit": "off"}
    ) as pool:
        yield pool


async def serve() -> None:
    """Serve until cancelled, by the same server with the same settings as a service."""
    bound = bind(os.environ["HOST"], int(os.environ["PORT"]))
    async with _pool() as pool, serving(build(pool), bound):
        await asyncio.Event().wait()


if __name__ == "__main__":
    run(serve())
