"""Stripe, by its own SDK: each payment is a PaymentIntent, confirmed only once its id is kept.

So money never moves under an id that we don't hold, and a repetition is never a second charge,
however late: Stripe forgets an idempotency key after a day or so, we don't.
Source: https://docs.stripe.com/api/payment_intents, https://docs.stripe.com/api/idempotent_requests
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import aiohttp
import stripe
from stripe import PaymentIntent, StripeClient

from services.order.domain.payment import (
    ActionRequired,
    Declined,
    NextAction,
    Outcome,
    Succeeded,
    Underway,
)
from services.order.payments import stripe_hosted as hosted
from services.order.payments.port import NO_MONEY, ProviderUnavailable, UnknownToken, Way
from services.order.payments.stripe_hosted import ABANDONED, HostedPage
from services.order.payments.stripe_intents import Entry, Intents
from shared.money import Money

PAGE = 100
# Currencies whose minor unit is the whole, but which Stripe still counts in hundredths.
# Source: https://docs.stripe.com/currencies#special-cases
_HUNDREDTHS = frozenset({"ISK", "UGX"})
# One whose minor unit is a hundredth, but which Stripe counts in whole ones.
# Source: https://docs.stripe.com/currencies#zero-decimal
_WHOLES = frozenset({"MGA"})


class RefundFailed(ProviderUnavailable):
    """Stripe couldn't give the money back; it stays owed, and somebody has to look."""


class Uncountable(ProviderUnavailable):
    """Stripe has no such small coin of a currency: what is to go back stays owed."""


class Stripe:
    """Takes and returns money through one Stripe account; a call has so many seconds, twice."""

    ways: Sequence[Way] = (hosted.WAY,)

    def __init__(
        self, secret_key: str, intents: Intents, *, url: str, public_url: str, seconds: float
    ) -> None:
        self._http = stripe.AIOHTTPClient(timeout=aiohttp.ClientTimeout(total=seconds))
        api = StripeClient(
            secret_key, base_addresses={"api": url}, http_client=self._http, max_network_retries=1
        )
        self._payments = api.v1.payment_intents
        self._methods = api.v1.payment_methods
        self._refunds = api.v1.refunds
        self._pages = HostedPage(api, public_url=public_url)
        self._intents = intents
        self._public_url = public_url

    async def start(self) -> None:
        """Begin nothing: the first call connects."""

    async def stop(self) -> None:
        """Close the connections."""
        await self._http.close_async()  # type: ignore[no-untyped-call] # the SDK has no type here

    async def ready(self) -> bool:
        """Say yes: what Stripe is asked while it is away is asked again, and stays in its row."""
        return True

    async def verify(self, token: str) -> None:
        """Check a payment method without charging it; raises UnknownToken."""
        if token == hosted.TOKEN:
            return
        with _answered():
            try:
                await self._methods.retrieve_async(token)
            except stripe.InvalidRequestError as refused:
                raise UnknownToken(token) from refused

    async def charge(self, key: str, token: str, amount: Money) -> Outcome:
        """Charge once, or tell how that charge stands by now."""
        entry = await self._intents.asked(key, token, amount)
        if entry.abandoned:
            return ABANDONED
        with _answered():
            try:
                if entry.token == hosted.TOKEN:
                    return await self._on_a_page(entry)
                return await self._by_card(entry)
            except Uncountable:
                return Declined("amount-too-precise")
            except (stripe.CardError, stripe.InvalidRequestError) as refused:
                return Declined(_code(refused.code))

    async def cancel(self, key: str) -> Outcome:
        """Give up a charge that waits for its payer, or that Stripe never heard of."""
        await self._intents.asked(key, "", NO_MONEY, abandoned=True)
        if await self._intents.abandon(key):
            return ABANDONED
        entry = await self._intents.find(key)
        if entry is None or entry.stripe_id is None:
            raise LookupError(key)
        with _answered():
            if entry.token == hosted.TOKEN:
                return hosted.outcome(await self._pages.closed(entry.stripe_id))
            try:
                return _outcome(await self._payments.cancel_async(entry.stripe_id))
            except stripe.InvalidRequestError:  # too late: it ended, or is being settled
                return _outcome(await self._payments.retrieve_async(entry.stripe_id))

    async def refund(self, key: str, charge_key: str, amount: Money) -> None:
        """Give back some of a charge, once; raises ProviderUnavailable, also when it failed."""
        entry = await self._intents.find(charge_key)
        if entry is None or entry.stripe_id is None:
            raise LookupError(charge_key)
        with _answered():
            intent_id = entry.stripe_id
            if entry.token == hosted.TOKEN:
                intent_id = hosted.intent_of(await self._pages.read(intent_id))
            made = await self._refunded_before(intent_id, key)
            made = made or await self._refunds.create_async(
                {
                    "payment_intent": intent_id,
                    "amount": _minor(amount),
                    "metadata": {"refund": key},
                },
                {"idempotency_key": key},
            )
        if made.status in {"failed", "canceled"}:
            raise RefundFailed(f"{made.id} {made.status}: {made.failure_reason}")

    async def _on_a_page(self, entry: Entry) -> Outcome:
        if entry.stripe_id:
            return hosted.outcome(await self._pages.read(entry.stripe_id))
        page = await self._pages.opened(entry.key, _minor(entry.amount), entry.amount.currency)
        if await self._intents.made(entry.key, page.id):
            return hosted.outcome(page)
        return hosted.outcome(await self._pages.closed(page.id))

    async def _by_card(self, entry: Entry) -> Outcome:
        if entry.stripe_id:
            intent = await self._read(entry.stripe_id)
        else:
            intent = await self._created(entry)
            if not await self._intents.made(entry.key, intent.id):
                return _outcome(await self._payments.cancel_async(intent.id))
        if intent.status == "requires_confirmation":
            intent = await self._confirmed(entry.key, intent)
        return _outcome(intent)

    async def _read(self, intent_id: str) -> PaymentIntent:
        try:
            return await self._payments.retrieve_async(intent_id)
        except stripe.InvalidRequestError as unknown:
            # It was there: another account's key, perhaps. That says nothing of the money.
            raise ProviderUnavailable(f"{intent_id} {unknown.code}") from None

    async def _created(self, entry: Entry) -> PaymentIntent:
        return await self._payments.create_async(
            {
                "amount": _minor(entry.amount),
                "currency": entry.amount.currency.lower(),
                "payment_method": entry.token,
                "allowed_payment_method_types": ["card"],
                "metadata": {"payment": entry.key},
            },
            {"idempotency_key": entry.key},
        )

    async def _confirmed(self, key: str, intent: PaymentIntent) -> PaymentIntent:
        back = f"{self._public_url}/checkout/back/{key}"
        try:
            return await self._payments.confirm_async(
                intent.id, {"return_url": back}, {"idempotency_key": f"{key}.confirm"}
            )
        except stripe.InvalidRequestError:
            # Canceled, or confirmed, by another process a moment ago.
            now = await self._payments.retrieve_async(intent.id)
            if now.status == "requires_confirmation":
                raise
            return now

    async def _refunded_before(self, intent_id: str, key: str) -> stripe.Refund | None:
        found = await self._refunds.list_async({"payment_intent": intent_id, "limit": PAGE})
        async for each in found.auto_paging_iter():
            if getattr(each.metadata, "refund", None) == key:
                return each
        return None


@contextmanager
def _answered() -> Iterator[None]:
    """Tell what Stripe refused from what nobody knows: no answer, its own faults, our key."""
    try:
        yield
    except (stripe.CardError, stripe.InvalidRequestError):
        raise
    except stripe.StripeError as error:
        # Its message may quote the request; its kind and id are enough to look it up.
        told = f"{type(error).__name__} {error.code or ''} {error.request_id or ''}".strip()
        raise ProviderUnavailable(told) from None


def _outcome(intent: PaymentIntent) -> Outcome:
    match intent.status:
        case "succeeded":
            return Succeeded()
        case "processing" | "requires_confirmation" | "requires_capture":
            return Underway()
        case "requires_action":
            redirect = intent.next_action and intent.next_action.redirect_to_url
            if redirect and redirect.url:
                return ActionRequired(NextAction("redirect", redirect.url))
            return Underway()  # only Stripe's own script could go on; the payer's patience ends it
        case "requires_payment_method":
            error = intent.last_payment_error
            return Declined(_code(error.code if error else None))
        case _:
            return ABANDONED


def _code(code: str | None) -> str:
    return (code or "card-declined").replace("_", "-")


def _minor(amount: Money) -> int:
    """Count as Stripe does; raises Uncountable for a part of what it counts."""
    if amount.currency not in _WHOLES:
        return amount.amount * (100 if amount.currency in _HUNDREDTHS else 1)
    counted, rest = divmod(amount.amount, 100)
    if rest:
        raise Uncountable(f"{amount.amount} {amount.currency}")
    return counted
