"""What happened here, as it is published."""

from __future__ import annotations

from typing import assert_never

from services.notifier.domain.delivery import DeliveryExhausted
from services.notifier.domain.endpoint import EndpointDisabled, EndpointFailing
from services.notifier.domain.mailing import RecipientUnsubscribed
from shared.contracts import (
    DeliveryExhaustedV1,
    EndpointDisabledV1,
    EndpointFailingV1,
    RecipientUnsubscribedV1,
)
from shared.events import Outgoing


def published(
    event: EndpointDisabled | EndpointFailing | DeliveryExhausted | RecipientUnsubscribed,
) -> Outgoing:
    """Put an event into its contract."""
    match event:
        case EndpointDisabled(endpoint):
            return Outgoing(
                type="endpoint.disabled",
                subject=endpoint.id,
                partner_id=endpoint.partner_id,
                sequence=endpoint.sequence,
                data=EndpointDisabledV1.model_validate(
                    {
                        "id": endpoint.id,
                        "partner_id": endpoint.partner_id,
                        "url": endpoint.url,
                        "reason": endpoint.disabled_reason,
                        "failing_since": endpoint.failing_since,
                        "disabled_at": endpoint.disabled_at,
                    }
                ),
            )
        case EndpointFailing(endpoint):
            return Outgoing(
                type="endpoint.failing",
                subject=endpoint.id,
                partner_id=endpoint.partner_id,
                sequence=endpoint.sequence,
                data=EndpointFailingV1.model_validate(
                    {
                        "id": endpoint.id,
                        "partner_id": endpoint.partner_id,
                        "url": endpoint.url,
                        "failing_since": endpoint.failing_since,
                        "warned_at": endpoint.warned_at,
                    }
                ),
            )
        case DeliveryExhausted(delivery):
            return Outgoing(
                type="delivery.exhausted",
                subject=delivery.id,
                partner_id=delivery.partner_id,
                sequence=delivery.sequence,
                data=DeliveryExhaustedV1.model_validate(
                    {
                        "id": delivery.id,
                        "partner_id": delivery.partner_id,
                        "endpoint_id": delivery.endpoint_id,
                        "event_id": delivery.event_id,
                        "event_type": delivery.event_type,
                        "attempts": delivery.attempts,
                        "last_status": delivery.last_status,
                        "exhausted_at": delivery.finished_at,
                    }
                ),
            )
        case RecipientUnsubscribed(id=of):
            return Outgoing(
                type="recipient.unsubscribed",
                subject=of,
                partner_id=event.partner_id,
                sequence=1,
                data=RecipientUnsubscribedV1(
                    id=of,
                    partner_id=event.partner_id,
                    address_sha256=event.address_hash,
                    unsubscribed_at=event.at,
                ),
            )
        case _:
            assert_never(event)
