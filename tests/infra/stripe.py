"""Stripe at its socket: localstripe, and before it what localstripe lacks.

That is idempotency keys, payment pages, the redirect to a bank, the newest parameters, and faults.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import aiohttp
from aiohttp import web

NEWER = ("allowed_payment_method_types", "return_url")
LOOPBACK = "127.0.0.1"


@dataclass
class StripeSocket:
    """Where the SDK is pointed at."""

    url: str
    backend: str
    session: aiohttp.ClientSession
    asked: list[str] = field(default_factory=list)
    """`METHOD path`, of each call that came."""
    answered: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    """By idempotency key, as Stripe keeps them for a day."""
    loses_answer_of: set[str] = field(default_factory=set)
    """Path endings; the call is carried out, its answer never arrives, once."""
    pages: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Checkout sessions by id, of which localstripe has none."""
    is_down: bool = False

    def forget_keys(self) -> None:
        """Let a day go by."""
        self.answered.clear()

    async def call(self, method: str, path: str, **form: str) -> dict[str, Any]:
        """Do to Stripe what somebody else does: a payer, or a person at the dashboard."""
        headers = {"Authorization": "Bearer sk_test_own"}
        request = self.session.request(method, self.backend + path, data=form, headers=headers)
        async with request as answer:
            said: dict[str, Any] = await answer.json(content_type=None)
            assert answer.status < 400, said
            return said

    async def send_notices_to(self, url: str, secret: str) -> None:
        """Register a webhook endpoint, of every event."""
        body = {"url": url, "secret": secret}
        async with self.session.post(f"{self.backend}/_config/webhooks/x", json=body) as answer:
            assert answer.status == 200

    async def card(self, number: str) -> str:
        """Make the token of a card, as Stripe's script does in a browser."""
        card = {"card[number]": number, "card[exp_month]": "12", "card[exp_year]": "2040"}
        made = await self.call(
            "POST", "/v1/payment_methods", type="card", **card, **{"card[cvc]": "123"}
        )
        token: str = made["id"]
        return token

    async def pay_on_page(self, page_id: str) -> None:
        """Play the payer who enters a card on Stripe's own page."""
        page = self.pages[page_id]
        amount, currency = str(page["amount_total"]), page["currency"]
        form = {"amount": amount, "currency": currency, "payment_method": "pm_card_visa"}
        intent = await self.call("POST", "/v1/payment_intents", **form, confirm="true")
        paid = {"status": "complete", "payment_status": "paid", "url": None}
        page.update(paid | {"payment_intent": intent["id"]})

    async def money(self) -> int:
        """Count what all charges took, less what went back, in minor units."""
        intents = (await self.call("GET", "/v1/payment_intents?limit=100"))["data"]
        refunds = (await self.call("GET", "/v1/refunds?limit=100"))["data"]
        taken = sum(each["amount"] for each in intents if each["status"] == "succeeded")
        return int(taken - sum(each["amount"] for each in refunds))


@asynccontextmanager
async def stripe_socket() -> AsyncIterator[StripeSocket]:
    """Serve it on loopback, with nothing in it."""
    from localstripe import server  # its app and store are the module's own

    async with aiohttp.ClientSession() as session:
        local = web.AppRunner(server.app, access_log=None)
        backend = await _bound(local)
        front = web.Application()
        front_runner = web.AppRunner(front, access_log=None, shutdown_timeout=0)
        socket = StripeSocket("", backend, session)
        front.router.add_route("*", "/{path:.*}", partial(_forward, socket))
        socket.url = await _bound(front_runner)
        async with session.delete(f"{backend}/_config/data"):
            pass
        try:
            yield socket
        finally:
            await front_runner.cleanup()
            await local.cleanup()


async def _bound(runner: web.AppRunner) -> str:
    await runner.setup()
    site = web.TCPSite(runner, LOOPBACK, 0)
    await site.start()
    return f"http://{LOOPBACK}:{runner.addresses[0][1]}"


async def _forward(socket: StripeSocket, request: web.Request) -> web.StreamResponse:
    socket.asked.append(f"{request.method} {request.path}")
    if socket.is_down:
        return web.json_response({"error": {"type": "api_error"}}, status=503)
    key = request.headers.get("Idempotency-Key")
    if key is None or key not in socket.answered:
        status, body = await _carried_out(socket, request)
        if key:
            socket.answered[key] = (status, body)
    else:
        status, body = socket.answered[key]
    lost = next((end for end in socket.loses_answer_of if request.path.endswith(end)), None)
    if lost:
        socket.loses_answer_of.discard(lost)
        assert request.transport is not None
        request.transport.abort()
    return web.Response(body=body, status=status, content_type="application/json")


def _page(socket: StripeSocket, request: web.Request, form: Mapping[str, Any]) -> web.Response:
    _, _, asked = request.path.partition("/checkout/sessions")
    page_id = asked.strip("/").removesuffix("/expire") or f"cs_{len(socket.pages)}"
    if not asked:
        price = "line_items[0][price_data]"
        socket.pages[page_id] = {
            "id": page_id,
            "object": "checkout.session",
            "status": "open",
            "payment_status": "unpaid",
            "url": f"https://checkout.stripe.example/{page_id}",
            "payment_intent": None,
            "amount_total": int(form[f"{price}[unit_amount]"]),
            "currency": form[f"{price}[currency]"],
        }
    page = socket.pages[page_id]
    if asked.endswith("/expire"):
        if page["status"] != "open":
            error = {"type": "invalid_request_error", "message": "not open"}
            return web.json_response({"error": error}, status=400)
        page.update({"status": "expired", "url": None})
    return web.json_response(page)


async def _carried_out(socket: StripeSocket, request: web.Request) -> tuple[int, bytes]:
    form = dict(await request.post())
    if "/checkout/sessions" in request.path:
        page = _page(socket, request, form)
        assert isinstance(page.body, bytes)
        return page.status, page.body
    back = form.get("return_url")
    known = {name: value for name, value in form.items() if not name.startswith(NEWER)}
    headers = {"Authorization": request.headers["Authorization"]}
    async with socket.session.request(
        request.method, socket.backend + request.path_qs, data=known or None, headers=headers
    ) as answer:
        body = await answer.read()
    if isinstance(back, str):
        bank = b'{"type": "redirect_to_url", "redirect_to_url": {"url": "https://bank.example/", '
        bank += f'"return_url": "{back}"'.encode() + b"}, "
        body = body.replace(b'"type": "use_stripe_sdk",', b'"type": "redirect_to_url",')
        body = body.replace(b'"next_action": {', b'"next_action": ' + bank, 1)
    return answer.status, body


def signed(secret: str, payment: str, *, at: float | None = None) -> tuple[bytes, str]:
    """Make a notice of a payment, signed as Stripe documents it: HMAC-SHA256 over `t.body`."""
    intent = {"id": "pi_1", "object": "payment_intent", "status": "succeeded"}
    event = {
        "id": "evt_1",
        "object": "event",
        "type": "payment_intent.succeeded",
        "data": {"object": intent | {"metadata": {"payment": payment}}},
    }
    body, moment = json.dumps(event).encode(), int(at or time.time())
    mac = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256)
    return body, f"t={moment},v1={mac.hexdigest()}"
