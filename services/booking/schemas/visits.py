"""Whose visit it is: what a booking's body and that of a series have in common."""

from __future__ import annotations

from services.booking.domain.request import Visit
from services.booking.schemas.parts import CarInput, CustomerInput, ProductInput, Products
from shared.inputs import Body, Paragraph


class VisitInput(Body):
    """Who comes, with which car, and what is to come of it."""

    customer: CustomerInput
    car: CarInput
    notes: Paragraph | None = None
    products: Products = ()
    skip_notification: bool = False
    send_review_request: bool = True
    schedule_reminder: bool = True

    def visit(self) -> Visit:
        """Read it as the domain knows it."""
        return Visit(
            customer=self.customer.customer(),
            car=self.car.car(),
            notes=self.notes,
            products=tuple(map(ProductInput.product, self.products)),
            skip_notification=self.skip_notification,
            send_review_request=self.send_review_request,
            schedule_reminder=self.schedule_reminder,
            time_zone=self.customer.time_zone,
        )
