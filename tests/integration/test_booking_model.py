"""Bookings, holds and their ends in any order, against a model of one bay's day."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from infra.access import SigningKeys
from infra.booking import CAR, CUSTOMER, Booking, Headers, Json, booking_service
from infra.databases import MakeDatabase
from services.booking.handlers.holds import expire_due

T = TypeVar("T")
LASTING = timedelta(seconds=60)
HALF_HOURS = 16
"""From nine to five; each visit takes two of them."""
WHO = {"customer": CUSTOMER, "car": CAR}


@dataclass
class Claim:
    """What the model knows of a booking or a hold: where it is, and how it stands."""

    at: int
    status: str
    until: datetime | None = None
    id: str = ""


@pytest_asyncio.fixture(scope="module")
async def booking(module_database: MakeDatabase, keys: SigningKeys) -> AsyncIterator[Booking]:
    seconds = int(LASTING.total_seconds())
    async with booking_service(module_database, keys, hold_seconds=seconds) as made:
        yield made


@pytest.mark.timeout(180)
@pytest.mark.seed(36, 46, 52, 65, 66)
async def test_the_service_does_what_the_model_does(booking: Booking) -> None:
    loop = asyncio.get_running_loop()
    bounded = settings(
        max_examples=10,
        stateful_step_count=25,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    await asyncio.to_thread(run_state_machine_as_test, lambda: Day(booking, loop), settings=bounded)


class Day(RuleBasedStateMachine):
    """One workshop with one bay; every answer is foretold from the claims that there are."""

    visits = Bundle("visits")
    holds = Bundle("holds")
    where = st.integers(0, HALF_HOURS - 2)

    def __init__(self, booking: Booking, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self.booking = booking
        self.loop = loop
        self.known: list[Claim] = []

    @initialize()
    def open(self) -> None:
        # The clock goes on for hours: tokens have to last.
        self.partner, self.operator, owner = (
            {"Authorization": f"Bearer {self.booking.keys.token(scope, lifetime=1e6)}"}
            for scope in ("partner", "operator", "workshop")
        )
        self.workshop_id, _ = self.now(self.booking.workshop(owner=owner))
        found = self.now(self.booking.starts(self.workshop_id, self.partner))
        self.opens = datetime.fromisoformat(found[0])
        self.asked = {"from": self.booking.day(), "to": self.booking.day()}

    @rule(target=visits, at=where)
    def book(self, at: int) -> Any:
        claim = Claim(at, "pending")
        code, made = self.post("/v1/bookings", self.slot(at) | WHO)
        return self.claimed(claim, code, made)

    @rule(target=holds, at=where)
    def hold(self, at: int) -> Any:
        claim = Claim(at, "held", self.booking.clock.now() + LASTING)
        code, made = self.post("/v1/holds", self.slot(at))
        return self.claimed(claim, code, made)

    @rule(target=visits, claim=holds, retake=st.booleans())
    def confirm(self, claim: Claim, retake: bool) -> Any:
        body = WHO | {"hold_id": claim.id, "retake_if_expired": retake}
        code, made = self.post("/v1/bookings", body)
        status = self.standing(claim)
        if status == "held":
            assert code == 201, made
            claim.status = "confirmed"
            return self.known_now(Claim(claim.at, "pending", id=made["id"]))
        if status == "expired" and retake and self.is_free(claim.at):
            assert code == 201, made
            return self.known_now(Claim(claim.at, "pending", id=made["id"]))
        if status == "expired":
            assert (code, made["code"]) == (409, "slot-taken" if retake else "hold-expired")
        else:
            assert (code, made["code"]) == (409, f"hold-{status}")
        return multiple()

    @rule(claim=holds)
    def release(self, claim: Claim) -> None:
        status = self.standing(claim)
        sent = self.booking.client.delete(f"/v1/holds/{claim.id}", headers=self.partner)
        assert self.now(sent).status_code == (409 if status == "confirmed" else 204)
        claim.status = "released" if status == "held" else status

    @rule(claim=visits, at=where)
    def reschedule(self, claim: Claim, at: int) -> None:
        path = f"/v1/bookings/{claim.id}/reschedule"
        code, made = self.post(path, {"drop_off_at": self.slot(at)["drop_off_at"]})
        if claim.status != "pending":
            assert (code, made["code"]) == (409, "transition-not-allowed")
        elif self.is_free(at, except_for=claim):
            assert code == 200, made
            claim.at = at
        else:
            assert (code, made["code"]) == (409, "slot-taken")

    @rule(claim=visits, wanted=st.sampled_from(["processing", "done", "cancelled"]))
    def move(self, claim: Claim, wanted: str) -> None:
        ways = {"pending": {"processing", "cancelled"}, "processing": {"done", "cancelled"}}
        path = f"/v1/bookings/{claim.id}/status"
        code, made = self.post(path, {"status": wanted}, self.operator)
        if wanted in ways.get(claim.status, ()):
            assert (code, made["status"]) == (200, wanted)
            claim.status = wanted
        else:
            assert (code, set(made["allowed"])) == (409, ways.get(claim.status, set()))

    @rule(seconds=st.sampled_from([1, 30, 59, 60, 61]))
    def wait(self, seconds: int) -> None:
        self.booking.clock.advance(timedelta(seconds=seconds))

    @rule()
    def note_what_expired(self) -> None:
        self.now(expire_due(self.booking.service.database))

    @invariant()
    def what_is_offered_is_what_is_free(self) -> None:
        if not hasattr(self, "opens"):
            return
        offered = self.now(self.booking.starts(self.workshop_id, self.partner, **self.asked))
        free = [self.moment(at) for at in range(HALF_HOURS - 1) if self.is_free(at)]
        assert offered == free

    def teardown(self) -> None:
        for claim in self.known:
            kind = "bookings" if claim.until is None else "holds"
            path = f"/v1/{kind}/{claim.id}"
            found = self.now(self.booking.client.get(path, headers=self.operator)).json()
            assert found["status"] == self.standing(claim)

    def claimed(self, claim: Claim, code: int, made: Json) -> Any:
        if self.is_free(claim.at):
            assert code == 201, made
            claim.id = made["id"]
            return self.known_now(claim)
        assert (code, made["code"]) == (409, "slot-taken")
        return multiple()

    def known_now(self, claim: Claim) -> Claim:
        self.known.append(claim)
        return claim

    def standing(self, claim: Claim) -> str:
        over = claim.until is not None and self.booking.clock.now() >= claim.until
        return "expired" if claim.status == "held" and over else claim.status

    def is_free(self, at: int, *, except_for: Claim | None = None) -> bool:
        return not any(
            abs(at - each.at) < 2
            for each in self.known
            if each is not except_for and self.standing(each) in {"held", "pending", "processing"}
        )

    def moment(self, at: int) -> str:
        moment = self.opens + timedelta(minutes=30) * at
        return moment.isoformat().replace("+00:00", "Z")

    def slot(self, at: int) -> Json:
        what = {"workshop_id": self.workshop_id, "service_category": "maintenance"}
        return what | {"drop_off_at": self.moment(at)}

    def post(self, path: str, body: Json, headers: Headers | None = None) -> tuple[int, Any]:
        sent = self.booking.client.post(path, json=body, headers=headers or self.partner)
        answer = self.now(sent)
        return answer.status_code, answer.json()

    def now(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(30)
