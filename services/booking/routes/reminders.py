"""`/v1/reminders`, and `/v1/customers` that get them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import Response

from services.booking import outgoing
from services.booking.domain.aftercare import Reminder
from services.booking.handlers import customers, reminders
from services.booking.schemas.customers import CustomerOut, CustomerWishes
from services.booking.schemas.reminders import NewReminder
from shared.auth import AnyCaller
from shared.contracts import ReminderV1
from shared.database import Database
from shared.idempotency import Answer, Idempotency

ReminderId = Annotated[str, Path(max_length=64)]
CustomerId = Annotated[str, Path(max_length=64)]


def build(database: Database) -> APIRouter:
    """Make the routes over a database."""
    router = APIRouter(prefix="/v1", tags=["reminders"])

    @router.post("/reminders", status_code=201, response_model=ReminderV1)
    async def send_reminder(body: NewReminder, caller: AnyCaller, key: Idempotency) -> Response:
        """Remind a customer now; in quiet hours, as soon as they are over."""
        answer = await reminders.send(database, caller, body.wanted(), key.once(caller, _sent))
        return answer.response()

    @router.get("/reminders/{reminder_id}")
    async def read_reminder(reminder_id: ReminderId, caller: AnyCaller) -> ReminderV1:
        """Read a reminder; `rebooking_id` is the booking that came of it."""
        return outgoing.reminder_shown(await reminders.read(database, caller, reminder_id))

    @router.get("/customers/{customer_id}")
    async def read_customer(customer_id: CustomerId, caller: AnyCaller) -> CustomerOut:
        """Read a customer, as the account's bookings know it."""
        return CustomerOut.of(await customers.read(database, caller, customer_id))

    @router.patch("/customers/{customer_id}")
    async def change_customer(
        customer_id: CustomerId, body: CustomerWishes, caller: AnyCaller
    ) -> CustomerOut:
        """Keep whether a customer wants to be reminded, and where it lives."""
        known = await customers.amend(database, caller, customer_id, body.applied_to)
        return CustomerOut.of(known)

    return router


def _sent(reminder: Reminder) -> Answer:
    body = outgoing.reminder_shown(reminder).model_dump_json().encode()
    return Answer(201, body, {"Location": f"/v1/reminders/{reminder.id}"})
