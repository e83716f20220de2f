"""An account, and one of everything that an account can own: what paths with ids lead to."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import httpx

from conformance.platform import Platform
from infra.booking import EVERY_DAY
from infra.waiting import eventually
from shared.ids import new_event_id, new_id

Json = dict[str, Any]

OPERATOR = new_id("par")
ALL_WEEK = {day: [["00:00", "24:00"]] for day in EVERY_DAY}
WORKSHOP = {
    "name": "Harbour Motors",
    "time_zone": "UTC",
    "country": "AU",
    "hours": ALL_WEEK,
}
QUOTE = {
    "vehicle": {"vin": "1HGCM82633A004352"},
    "items": [{"service": "detailing"}],
    "contact": {"email": "dana@example.com"},
}
FAULT = {"fault": {"description": "Oil leaks at the sump", "severity": "major"}}
VISIT = {
    "customer": {"name": "Ada Lovelace", "email": "ada@example.com"},
    "car": {"registration": {"plate": "ABC123", "country": "AU"}},
}
MORE_WORK = {
    "reason": "The brake hoses are cracked.",
    "items": [
        {
            "service": "brakes",
            "description": "Brake hoses",
            "parts": {"amount": 8000, "currency": "AUD"},
            "tax_rate": "0.10",
        }
    ],
}
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(100)
NOBODY_LISTENS = "http://127.0.0.1:9/hook"


@dataclass
class Household:
    """A partner that runs a workshop; `ids` has its things by the name that paths call them."""

    platform: Platform
    ids: dict[str, str] = field(default_factory=dict)
    login: dict[str, str] = field(default_factory=dict)
    remembered: dict[str, Any] = field(default_factory=dict)
    _hours: count[int] = field(default_factory=lambda: count(24))

    def headers(self, *scopes: str) -> dict[str, str]:
        """Make the header of this account's client with these scopes."""
        return self.platform.keys.headers(*scopes, partner_id=self.ids["partner_id"])

    @property
    def own(self) -> dict[str, str]:
        return self.headers("partner", "workshop")

    @property
    def operator(self) -> dict[str, str]:
        return self.platform.keys.headers("operator", partner_id=OPERATOR)

    async def settle(self) -> None:
        """Open the account, and get one of everything."""
        account = {"name": "Dana's Cars", "email": "dana@example.com", "roles": ["partner"]}
        made = await self.post("/v1/partners", account, self.operator)
        self.ids["partner_id"] = made["id"]
        client = await self.client()
        self.ids["client_id"] = client["id"]
        self.login = {"client_id": client["id"], "client_secret": client["client_secret"]}
        self.ids["workshop_id"] = (await self.post("/v1/workshops", WORKSHOP))["id"]
        for name in ("One", "Two"):
            bay = await self.at_workshop("resources", {"kind": "bay", "name": name})
        self.ids["resource_id"] = bay["id"]
        self.ids["service_id"] = (await self.service("first"))["id"]
        self.ids["closure_id"] = (await self.closure())["id"]
        self.ids["date"] = await self.special_day()
        calendar = await self.calendar()
        self.ids["calendar_id"] = calendar["id"]
        self.ids["secret"] = calendar["url"].rpartition("/")[2].removesuffix(".ics")
        self.ids["booking_id"] = (await self.booking())["id"]
        self.ids["customer_id"] = (await self.visited())["customer_id"]
        reminded = await self.post("/v1/reminders", {"customer_id": self.ids["customer_id"]})
        self.ids["reminder_id"] = reminded["id"]
        rule = {"rrule": "FREQ=DAILY;INTERVAL=30;COUNT=2"}
        self.ids["series_id"] = (await self.post("/v1/booking-series", self.visit() | rule))["id"]
        self.ids["hold_id"] = (await self.hold())["id"]
        self.ids["endpoint_id"] = (await self.endpoint())["id"]
        path = f"/v1/webhook-endpoints/{self.ids['endpoint_id']}/test"
        self.ids["delivery_id"] = (await self.post(path, {}))["id"]
        path = f"/v1/webhook-endpoints/{self.ids['endpoint_id']}/replay"
        self.ids["replay_id"] = (await self.post(path, {"subject": "bkg_nobody"}))["id"]
        nobody = {"email": f"{new_id('cli')}@nobody.example"}
        erased = await self.post("/v1/erasures", nobody, self.operator)
        self.ids["erasure_id"] = erased["id"]
        await self.cancelled()  # which its endpoint isn't there to be told of
        self.ids["deal_id"] = (await self.deal())["id"]
        self.ids["quote_id"] = (await self.quote())["id"]
        self.ids["version"] = "1"
        order = await self.order()
        self.ids["order_id"] = order["id"]
        self.ids["payment_id"] = order["payments"][0]["id"]
        self.ids["item_id"] = order["items"][0]["id"]
        self.ids["supplement_id"] = (await self.supplement(order["id"]))["id"]
        self.ids["invoice_id"] = (await self.invoice_of(order["id"]))["id"]
        self.ids["event_id"] = await self.event()
        self.ids["attachment_id"] = (await self.attachment())["id"]
        self.ids["service"] = "detailing"
        self.ids["address"] = "nobody@nowhere.example"
        self.ids["jurisdiction"] = "NZ"

    async def event(self) -> str:
        """Name an event that the account was told of."""

        async def told() -> str | None:
            page = (await self.platform.client.get("/v1/events", headers=self.own)).json()
            return str(page["data"][0]["id"]) if page["data"] else None

        return await eventually(told) or ""

    async def client(self) -> Json:
        path = f"/v1/partners/{self.ids['partner_id']}/clients"
        return await self.post(path, {"description": "from a test"}, self.operator)

    async def at_workshop(self, what: str, body: Json) -> Json:
        return await self.post(f"/v1/workshops/{self.ids['workshop_id']}/{what}", body)

    async def service(self, code: str) -> Json:
        body = {"title": "Oil change", "category": "maintenance", "duration": "PT1H"}
        return await self.at_workshop("services", body | {"code": code})

    def day_off(self) -> Json:
        day = (datetime.now(UTC).date() + timedelta(days=600)).isoformat()
        return {"from": day, "to": day}

    async def closure(self) -> Json:
        return await self.at_workshop("closures", self.day_off())

    async def calendar(self) -> Json:
        return await self.at_workshop("calendars", {})

    async def special_day(self) -> str:
        """Give a day far ahead hours of its own; return its date."""
        day: str = self.day_off()["from"]
        path = f"/v1/workshops/{self.ids['workshop_id']}/special-days/{day}"
        answer = await self.platform.client.put(path, json={"hours": []}, headers=self.own)
        assert answer.is_success, answer.text
        return day

    def slot(self) -> Json:
        """Make the body of a hold of an hour that is still free."""
        hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
        start = hour + timedelta(hours=next(self._hours))
        at = {"drop_off_at": start.isoformat(), "workshop_id": self.ids["workshop_id"]}
        return {"service_category": "maintenance"} | at

    def visit(self) -> Json:
        """Make the body of a booking of an hour that is still free."""
        return VISIT | self.slot()

    async def visited(self) -> Json:
        """Book a visit, and get it done."""
        booking = await self.booking()
        for status in ("processing", "done"):
            path = f"/v1/bookings/{booking['id']}/status"
            booking = await self.post(path, {"status": status})
        return booking

    async def cancelled(self) -> Json:
        """Book a visit, and call it off."""
        path = f"/v1/bookings/{(await self.booking())['id']}/status"
        return await self.post(path, {"status": "cancelled", "reason": "sold as it is"})

    async def hold(self) -> Json:
        return await self.post("/v1/holds", self.slot())

    async def booking(self) -> Json:
        return await self.post("/v1/bookings", self.visit())

    def subscription(self) -> Json:
        named = {"url": NOBODY_LISTENS, "events": ["booking.cancelled"]}
        return named | {"signature": "v1a"}  # so that there is a key to publish

    async def endpoint(self) -> Json:
        return await self.post("/v1/webhook-endpoints", self.subscription())

    async def deal(self) -> Json:
        return await self.post("/v1/deals", {"reference": "DEAL-77"}, self.headers("partner"))

    async def quote(self, *items: Json, **more: str) -> Json:
        """Ask for a quote at the own workshop, so that no other's may take its order."""
        body = QUOTE | {"workshop_id": self.ids["workshop_id"]} | more
        return await self.post("/v1/quotes", body | ({"items": items} if items else {}))

    def purchase(self, quote_id: str, card: str = "tok_visa") -> Json:
        return {"quote_id": quote_id, "payment": {"method": "card", "token": card}}

    async def order(self, card: str = "tok_visa") -> Json:
        """Buy a new quote."""
        body = self.purchase((await self.quote())["id"], card)
        return await self.post("/v1/orders", body, self.headers("partner"))

    async def history(self, order_id: str) -> list[Json]:
        path = f"/v1/orders/{order_id}/history"
        answer = await self.platform.client.get(path, headers=self.operator)
        entries: list[Json] = answer.json()["data"]
        return entries

    async def attachment(self) -> Json:
        path = f"/v1/orders/{self.ids['order_id']}/attachments"
        answer = await self.platform.client.post(
            path, params={"filename": "front.jpg"}, content=JPEG, headers=self.own
        )
        assert answer.status_code == 201, answer.text
        made: Json = answer.json()
        return made

    async def invoice_of(self, order_id: str) -> Json:
        path = f"/v1/invoices?order_id={order_id}"
        answer = await self.platform.client.get(path, headers=self.headers("partner"))
        invoice: Json = answer.json()["data"][0]
        return invoice

    async def open_invoice(self) -> str:
        """Close a deal with an order on it; return its final invoice's id."""
        deal = await self.deal()
        quote = await self.quote(deal_id=deal["id"])
        body = {"quote_id": quote["id"], "payment": {"method": "deal"}}
        await self.post("/v1/orders", body, self.headers("partner"))
        path, all_of_it = f"/v1/deals/{deal['id']}/close", {"include_unfinished": True}
        closed = await self.post(path, all_of_it, self.headers("partner"))
        invoice_id: str = closed["invoice_id"]
        return invoice_id

    async def unpaid_order(self) -> str:
        """Try to buy a new quote with a card that is declined; return its order's id."""
        body = self.purchase((await self.quote())["id"], "tok_declined")
        answer = await self.send("/v1/orders", body, self.headers("partner"))
        assert answer.status_code == 402, answer.text
        order_id: str = answer.json()["order_id"]
        return order_id

    async def worked_order(self) -> str:
        """Buy a new quote; return its order's id once the workshop's owner can see it."""
        order_id: str = (await self.order())["id"]
        await self.seen_by_workshop(order_id)
        return order_id

    async def started_order(self) -> Json:
        """Buy a new quote, and begin the work."""
        order_id = await self.worked_order()
        return await self.post(f"/v1/orders/{order_id}/status", {"status": "in-progress"})

    async def supplement(self, order_id: str) -> Json:
        """Propose more work on an order."""
        await self.seen_by_workshop(order_id)
        return await self.post(f"/v1/orders/{order_id}/supplements", MORE_WORK)

    async def asked_for(self) -> Json:
        """Propose more work on a new order: which supplement of which order."""
        order_id = await self.worked_order()
        return {"order_id": order_id, "supplement_id": (await self.supplement(order_id))["id"]}

    async def seen_by_workshop(self, order_id: str) -> None:
        workshop = self.headers("workshop")

        async def seen() -> bool:
            path = f"/v1/orders/{order_id}"
            return (await self.platform.client.get(path, headers=workshop)).is_success

        await eventually(seen)

    async def post(self, path: str, body: Json, headers: dict[str, str] | None = None) -> Json:
        answer = await self.send(path, body, headers)
        assert answer.is_success, f"{path}: {answer.text}"
        made: Json = answer.json()
        return made

    async def send(
        self, path: str, body: Json, headers: dict[str, str] | None = None
    ) -> httpx.Response:
        named = (headers or self.own) | {"Prefer": "wait=10", "Idempotency-Key": new_event_id()}
        return await self.platform.client.post(path, json=body, headers=named)
