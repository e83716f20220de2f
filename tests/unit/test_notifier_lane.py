"""What a look at a queue may find though it was handed over, sent and kept in the meantime."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from services.notifier.domain.delivery import Delivery, DeliveryStatus
from services.notifier.engine.lane import Item, Lane
from shared.ids import new_id

NOW = datetime(2026, 11, 2, tzinfo=UTC)


@pytest.fixture
def lane() -> Lane:
    return Lane(new_id("whe"))


def item(lane: Lane) -> Item:
    delivery = Delivery(
        id=new_id("dlv"),
        partner_id=new_id("par"),
        endpoint_id=lane.endpoint_id,
        event_id=new_id("evt"),
        event_type="booking.created",
        status=DeliveryStatus.QUEUED,
        due_at=NOW,
    )
    return Item(delivery, b"{}", 0.0)


def send(lane: Lane, handed: Item) -> None:
    lane.hold(handed)
    assert lane.take(0.0) == handed
    lane.flying -= 1
    lane.release(handed.delivery)


def test_what_was_sent_during_a_look_is_not_sent_again_for_what_that_found(lane: Lane) -> None:
    handed, other = item(lane), item(lane)
    lane.looking()
    send(lane, handed)
    lane.looked([handed.delivery, other.delivery], full=False)
    lane.hold_found([handed, other])

    assert list(lane.waiting) == [other]
    assert lane.more  # had it only been let go, it is to be found again


def test_what_is_to_be_tried_again_is_found_by_the_next_look(lane: Lane) -> None:
    retried = item(lane)
    lane.looking()
    send(lane, retried)
    lane.looked([], full=False)
    lane.hold_found([])

    lane.looking()
    lane.looked([retried.delivery], full=False)
    lane.hold_found([retried])
    assert list(lane.waiting) == [retried]


def test_what_is_in_flight_as_a_look_ends_is_in_hand_once(lane: Lane) -> None:
    handed = item(lane)
    lane.looking()
    lane.hold(handed)
    assert lane.take(0.0) == handed
    lane.looked([handed.delivery], full=False)
    lane.hold_found([handed])
    assert not lane.waiting
