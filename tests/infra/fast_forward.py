"""Six weeks of a platform's time in seconds, across a change of the clocks, seen from outside."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx

from infra.receiving import Partner, partner_receives
from infra.waiting import eventually
from roadworthy.embedded.inbox import Inbox
from roadworthy.receiver import Webhook

ZONE = ZoneInfo("Europe/London")
ALL_WEEK = {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
CLOCK = "/v1/sandbox/clock"
CAR = {"registration": {"plate": "AB12CDE", "country": "GB"}}
SOON = 30.0

Json = dict[str, Any]
Headers = dict[str, str]


@dataclass
class Travel:
    """One platform, callers of each role, and where its webhooks and mails arrive."""

    client: httpx.AsyncClient
    headers: dict[str, Headers]
    inbox: Inbox
    partner: Partner = field(default_factory=lambda: Partner(""))
    ids: dict[str, str] = field(default_factory=dict)

    async def go(self) -> None:
        """Live through it."""
        change = next_change(datetime.now(UTC).date() + timedelta(days=3))
        before = datetime.combine(change - timedelta(days=2), time(12), UTC)
        moment = f"{before:%Y-%m-%dT%H:%M:%SZ}"
        await self._advance(now=moment)

        async def followed() -> bool:
            # The clock's answer doesn't wait for other services: an earlier quote would expire now.
            return str((await self._quote("early"))["created_at"]) >= moment

        await eventually(followed, SOON)
        async with partner_receives() as self.partner:
            await self._prepare(change)
            await self._advance(advance="P3D")
            assert await self._nines(change - timedelta(days=1), -1) == set()  # it is over
            await self._sla()
            await self._too_late()
            await self._advance(advance="P8D")
            quote = await self._told(self.ids["quote"], "quote.expired")
            await self._mailed("quote@example.com", lambda subject: "expired" in subject)
            await self._advance(advance="P35D")
            due = await self._told(self.ids["reminder"], "reminder.due")
            await self._mailed("reminder@example.com", lambda subject: "Time for" in subject)
            late = self._of(self.ids["order"], "service.updated")
            assert late is not None
            times = [each.body["timestamp"] for each in (late, quote, due)]
            assert times == sorted(times), times
            assert self.partner.refused == []  # receivers refuse a timestamp that isn't the wall's

    async def _prepare(self, change: date) -> None:
        wanted = {"url": self.partner.url, "events": ["*"]}
        endpoint = await self.call("partner", "POST", "/v1/webhook-endpoints", wanted)
        self.partner.secret = endpoint["secret"]
        await self.call("partner", "PUT", "/v1/stage-policy", {"limits": {"pending": 24 * 60}})
        workshop = {"name": "Thames Motors", "time_zone": "Europe/London", "country": "GB"} | {
            "hours": ALL_WEEK,
            "rules": {"cancel_until_hours": 24},
            "reminder_months": 1,
        }
        made = await self.call("workshop", "POST", "/v1/workshops", workshop)
        self.ids["workshop"] = made["id"]
        path = f"/v1/workshops/{made['id']}/resources"
        await self.call("workshop", "POST", path, {"kind": "bay", "name": "One"})

        self.ids["quote"] = (await self._quote("quote"))["id"]
        bought = (await self._quote("order"))["id"]
        payment = {"quote_id": bought, "payment": {"method": "card", "token": "tok_visa"}}
        self.ids["order"] = (await self.call("partner", "POST", "/v1/orders", payment))["id"]
        first, second = change - timedelta(days=1), change + timedelta(days=1)
        visit = await self._visit("reminder", first)
        self.ids["late"] = (await self._visit("late", second))["id"]
        for status in ("processing", "done"):
            path = f"/v1/bookings/{visit['id']}/status"
            await self.call("workshop", "POST", path, {"status": status})
        slot = {"workshop_id": made["id"], "service_category": "other"}
        slot["drop_off_at"] = _nine(second + timedelta(days=1))
        self.ids["hold"] = (await self.call("partner", "POST", "/v1/holds", slot))["id"]
        assert await self._nines(second, 2) == {_nine(second + timedelta(days=2))}
        planned = await eventually(lambda: self._any("reminder.scheduled"), SOON)
        self.ids["reminder"] = planned.subject

    async def _sla(self) -> None:
        told = await self._told(self.ids["order"], "service.updated")
        assert told.body["data"]["reason"] == "sla: pending for more than 24 h"

    async def _too_late(self) -> None:
        hold = await self.call("partner", "GET", f"/v1/holds/{self.ids['hold']}")
        assert hold["status"] == "expired"
        refused = await self.client.post(
            f"/v1/bookings/{self.ids['late']}/status",
            json={"status": "cancelled"},
            headers=self.headers["partner"],
        )
        assert (refused.status_code, refused.json()["code"]) == (409, "too-late")

    async def _advance(self, **to: str) -> None:
        before = await self.call("operator", "GET", CLOCK)
        after = await self.call("operator", "POST", CLOCK, to)
        assert after["now"] > before["now"]

    async def _quote(self, name: str) -> Json:
        vehicle = {"vin": "1HGCM82633A004352"}
        contact = {"name": "Dana", "email": f"{name}@example.com"}
        body = {"vehicle": vehicle, "items": [{"service": "detailing"}], "contact": contact}
        return await self.call("partner", "POST", "/v1/quotes", body)

    async def _visit(self, name: str, day: date) -> Json:
        body = {
            "workshop_id": self.ids["workshop"],
            "service_category": "maintenance",
            "drop_off_at": _nine(day),
            "customer": {"name": "Ada", "email": f"{name}@example.com"},
            "car": CAR,
        }
        return await self.call("partner", "POST", "/v1/bookings", body)

    async def _nines(self, day: date, ahead: int) -> set[str]:
        """List the first slots of some days that can be had, with nine o'clock on the wall."""
        days = sorted((day, day + timedelta(days=ahead)))
        path = f"/v1/workshops/{self.ids['workshop']}/availabilities"
        query = f"?from={days[0]}&to={days[1]}"
        found = (await self.call("partner", "GET", path + query))["data"]
        nines = {_nine(date.fromisoformat(each["date"])) for each in found}
        return {slot["start"] for each in found for slot in each["slots"]} & nines

    async def _told(self, subject: str, event_type: str) -> Webhook:
        return await eventually(lambda: self._of(subject, event_type), SOON)

    def _of(self, subject: str, event_type: str) -> Webhook | None:
        about = self.partner.about(subject)
        return next((each for each in about if each.type == event_type), None)

    def _any(self, event_type: str) -> Webhook | None:
        return next((each for each in self.partner.received if each.type == event_type), None)

    async def _mailed(self, recipient: str, says: Callable[[str], bool]) -> None:
        await eventually(
            lambda: any(
                recipient in mail.recipients and says(mail.subject) for mail in self.inbox.mails()
            ),
            SOON,
        )

    async def call(self, role: str, method: str, path: str, body: Json | None = None) -> Json:
        """Call as one of the roles."""
        headers = self.headers[role] | {"Prefer": "wait=10"}
        answer = await self.client.request(method, path, json=body, headers=headers)
        assert answer.is_success, f"{method} {path}: {answer.text}"
        said: Json = answer.json()
        return said


def next_change(day: date) -> date:
    """Find the next day on which the clocks are changed."""
    while _offset(day) == _offset(day + timedelta(days=1)):
        day += timedelta(days=1)
    return day


def _offset(day: date) -> timedelta | None:
    return datetime.combine(day, time(), ZONE).utcoffset()


def _nine(day: date) -> str:
    return f"{datetime.combine(day, time(9), ZONE).astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


async def log_in(client: httpx.AsyncClient, login: dict[str, str]) -> Headers:
    """Ask for a token; it has to last however far the clock goes."""
    form = {"grant_type": "client_credentials"} | login
    answer = await client.post("/v1/auth/token", data=form)
    assert answer.status_code == 200, answer.text
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}
