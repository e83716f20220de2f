"""One claimed delivery: signed, sent outside any transaction, settled in one."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.notifier.bodies import webhook_body
from services.notifier.domain import delivery as delivery_rules
from services.notifier.domain import endpoint as endpoint_rules
from services.notifier.domain.delivery import Answer, Sent
from services.notifier.domain.endpoint import EndpointStatus
from services.notifier.domain.schedule import asked_wait
from services.notifier.domain.signature import signed_headers
from services.notifier.outgoing import published
from services.notifier.repository import deliveries, endpoints
from services.notifier.repository.claims import Claimed
from services.notifier.repository.endpoints import SealedSecrets
from services.notifier.sealing import SecretBox, SecretUnreadable
from services.notifier.sender import Sender
from shared.clock import Clock
from shared.database import Database, Transaction


@dataclass(frozen=True, slots=True)
class Policy:
    """When to try again, and when to give an endpoint up."""

    retries: Sequence[timedelta]
    patience: timedelta


class Sending:
    """Sends one delivery at a time; the engine has many of these calls in flight."""

    def __init__(
        self, database: Database, sender: Sender, box: SecretBox, policy: Policy, wall: Clock
    ) -> None:
        self._database = database
        self._sender = sender
        self._box = box
        self._policy = policy
        self._wall = wall

    async def __call__(self, claimed: Claimed) -> None:
        """Send it and keep what came of it."""
        started_at = self._database.clock.now()
        sent = await self._send(claimed, started_at)
        async with self._database.transaction() as work:
            await self._settle(work, claimed, sent, started_at)

    async def _send(self, claimed: Claimed, now: datetime) -> Sent:
        endpoint_id = claimed.delivery.endpoint_id
        try:
            secrets = self._opened(endpoint_id, claimed.secrets, now)
            wished = self._box.open_headers(claimed.headers, endpoint_id) if claimed.headers else {}
        except SecretUnreadable:
            return Sent(None, 0, error="secret-unreadable")
        body = webhook_body(claimed.message, claimed.delivery.replay_id)
        # By the wall's clock: receivers refuse what is stale by theirs, wherever ours was put.
        headers = wished | signed_headers(claimed.message.event_id, self._wall.now(), body, secrets)
        headers["content-type"] = "application/json"
        return await self._sender.send(claimed.method, claimed.url, headers, body)

    def _opened(self, endpoint_id: str, sealed: SealedSecrets, now: datetime) -> list[bytes]:
        secrets = [self._box.open(sealed.secret, endpoint_id)]
        if (
            sealed.former_secret is not None
            and sealed.former_secret_until is not None
            and now < sealed.former_secret_until
        ):
            secrets.append(self._box.open(sealed.former_secret, endpoint_id))
        return secrets

    async def _settle(
        self, work: Transaction, claimed: Claimed, sent: Sent, started_at: datetime
    ) -> None:
        """Keep the attempt, whatever became of the lease; the result only while it is ours."""
        answer = Answer(sent.status, asked_wait(sent.retry_after, work.now))
        endpoint_id = claimed.delivery.endpoint_id
        disabled = await self._note_health(work, endpoint_id, answer)
        delivery, happened = delivery_rules.attempted(
            claimed.delivery,
            answer,
            work.now,
            self._policy.retries,
            # Spreads an outage's retries; nobody gains by guessing it.
            jitter=random.random(),  # noqa: S311 - not for secrets
        )
        if await deliveries.settle(work.connection, delivery, claimed.lease, started_at, sent):
            work.publish(*map(published, happened))
        if disabled:
            await deliveries.cancel_queued(work.connection, endpoint_id, work.now)

    async def _note_health(self, work: Transaction, endpoint_id: str, answer: Answer) -> bool:
        """Keep an endpoint's record; tell whether it is disabled by now.

        First of all in the transaction: whoever holds an endpoint may wait for its deliveries,
        never the other way round.
        """
        if answer.taken:
            await endpoints.note_success(work.connection, endpoint_id)
            return False
        registered = await endpoints.find(work.connection, endpoint_id, None, lock=True)
        if registered is None:
            return False
        endpoint, happened = endpoint_rules.failed(
            registered.endpoint, work.now, gone=answer.gone, patience=self._policy.patience
        )
        await endpoints.save_health(work.connection, endpoint)
        work.publish(*map(published, happened))
        return endpoint.status is EndpointStatus.DISABLED
