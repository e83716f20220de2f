"""What a thousand times as many orders in the table cost a new order, and a list of fifty."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any

import asyncpg

from bench.access import Access, serving_access
from bench.children import ROADWORTHY, child
from bench.load import Load, generate
from bench.parts import Parts, parts, until_published
from bench.turns import Figure, Sample, figure, take_turns

FEW, MANY = 1_000, 1_000_000
OWN = 200
"""Orders that the caller has in both, as far apart as they can be."""

CONNECTIONS = 4
SECONDS = 4.0
P99, P50 = "ms p99", "ms p50"
CARD: dict[str, Any] = {
    "id": "rtc_bench",
    "service": "detailing",
    "title": "Full detail",
    "rounding": "half-up",
    "rates": [
        {
            "vehicle_class": "any",
            "unit_price": {"amount": 62000, "currency": "AUD"},
            "tax_rate": "0.10",
            "duration": "PT4H",
        }
    ],
}
BODY = {
    "type": "reconditioning",
    "vehicle": {"vin": "1HGCM82633A004352"},
    "items": [{"service": "detailing"}],
    "schedule": {"start_at": "2099-01-05T00:00:00Z"},
    "payment": {"method": "card", "token": "tok_visa"},
}
PRICED = """
INSERT INTO rate_cards (id, sequence, service, card) VALUES ('rtc_bench', 1, 'detailing', $1)
"""
# Copies of one real order and of what hangs on it; ids sort before those of new ones.
COPY_ORDERS = """
INSERT INTO orders SELECT (made.one).* FROM (
    SELECT jsonb_populate_record(template.o, jsonb_build_object(
        'id', 'ord_00' || lpad(to_hex(n), 24, '0'),
        'partner_id', CASE WHEN n % $2 = 0 THEN (o).partner_id ELSE 'par_' || (n % 5000) END,
        'status', CASE n % 5 WHEN 0 THEN 'pending' WHEN 1 THEN 'in-progress' ELSE 'completed' END,
        'vin', 'VIN' || lpad(n::text, 14, '0'),
        'created_at', (o).created_at - make_interval(secs => $1 - n)
    )) AS one
    FROM (SELECT o FROM orders o LIMIT 1) template, generate_series(1, $1::int) n OFFSET 0
) made
"""
COPY_PAYMENTS = """
INSERT INTO payments SELECT (made.one).* FROM (
    SELECT jsonb_populate_record(template.p, jsonb_build_object(
        'id', 'pay_00' || lpad(to_hex(n), 24, '0'),
        'order_id', 'ord_00' || lpad(to_hex(n), 24, '0')
    )) AS one
    FROM (SELECT p FROM payments p LIMIT 1) template, generate_series(1, $1::int) n OFFSET 0
) made
"""
COPY_HISTORY = """
INSERT INTO order_history (order_id, at, effective_at, actor_role, to_status, changes)
SELECT 'ord_00' || lpad(to_hex(n), 24, '0'), h.at, h.effective_at, h.actor_role, h.to_status,
       h.changes
FROM (SELECT * FROM order_history LIMIT 2) h, generate_series(1, $1::int) n
"""


async def measure() -> Sequence[Figure]:
    """Order and list with a million orders, and with a thousand, four seconds at a time."""
    async with (
        parts({"few": "order", "many": "order"}) as made,
        serving_access() as access,
        AsyncExitStack() as stack,
    ):
        headers = access.headers()
        ordering, listing = {}, {}
        for name, count in (("few", FEW), ("many", MANY)):
            server = await stack.enter_async_context(_service(made, access, name))
            load = Load(
                port=server.port,
                path="/v1/orders",
                headers=headers,
                body=json.dumps(BODY),
                connections=CONNECTIONS,
                seconds=SECONDS,
            )
            await _fill(made, name, count, load)
            fifty = replace(load, path="/v1/orders?limit=50", body="", method="GET", status=200)
            ordering[count], listing[count] = (name, load), (name, fifty)
        sides = {
            f"{what}, {count:,} orders": (name, load)
            for what, each in (("POST", ordering), ("GET 50", listing))
            for count, (name, load) in each.items()
        }
        samples = await take_turns(
            {side: lambda at=at: _sample(made, *at) for side, at in sides.items()}
        )
    few, many, few_listed, many_listed = sides
    return [
        figure(what, unit, samples, ours, against)
        for what, ours, against in (
            ("POST /v1/orders, paid by card", many, few),
            ("GET /v1/orders?limit=50", many_listed, few_listed),
        )
        for unit in (P50, P99)
    ]


def _service(made: Parts, access: Access, name: str) -> Any:
    own = {"JWKS_URL": access.jwks_url, "KAFKA_TOPIC_PREFIX": f"{name}."}
    settings = made.environment(name) | own
    return child([ROADWORTHY, "serve", "order"], settings, made.folder / f"{name}.log")


async def _fill(made: Parts, database: str, count: int, load: Load) -> None:
    """Place one order as a client would, and copy it."""
    async with made.connection(database) as connection:
        await connection.execute(PRICED, json.dumps(CARD))
        await generate(replace(load, connections=1, seconds=0.01))
        await until_published(made, database)
        await _copy(connection, count)


async def _copy(connection: asyncpg.Connection[Any], count: int) -> None:
    await connection.execute(COPY_ORDERS, count, count // OWN, timeout=600)
    for statement in (COPY_PAYMENTS, COPY_HISTORY):
        await connection.execute(statement, count, timeout=600)
    await connection.execute("VACUUM ANALYZE", timeout=600)


async def _sample(made: Parts, database: str, load: Load) -> Sample:
    report = await generate(load)
    await until_published(made, database)
    return {
        P50: report.percentile(50),
        P99: report.percentile(99),
        "requests/s": report.answered / report.seconds,
    }
