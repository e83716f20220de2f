"""Accounts and their clients: the operator's, but for an account's own."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.responses import Response

from services.partner import outgoing, schemas
from services.partner.domain.account import Account
from services.partner.handlers import accounts
from services.partner.handlers.accounts import NewClient
from services.partner.secrecy import ClientSecrets
from shared.auth import AnyCaller, OperatorCaller
from shared.contracts import PartnerV1
from shared.database import Database
from shared.idempotency import Answer, Idempotency
from shared.pages import Page, PageQuery, next_cursor

PartnerId = Annotated[str, Path(max_length=64)]
ClientId = Annotated[str, Path(max_length=64)]


def build(database: Database, secrets: ClientSecrets) -> APIRouter:
    """Make the routes over a database."""
    router = APIRouter(prefix="/v1/partners", tags=["partners"])

    @router.post("", status_code=201, response_model=PartnerV1)
    async def create_partner(
        body: schemas.NewPartner, caller: OperatorCaller, key: Idempotency
    ) -> Response:
        """Open an account."""
        once = key.once(caller, _created)
        roles = frozenset(body.roles)
        return (await accounts.create(database, body.name, body.email, roles, once)).response()

    @router.get("")
    async def list_partners(
        caller: OperatorCaller, asked: Annotated[PageQuery, Query()]
    ) -> Page[PartnerV1]:
        """List accounts, newest first."""
        found = await accounts.page(database, before=asked.cursor, limit=asked.limit + 1)
        return Page[PartnerV1](
            data=[outgoing.snapshot(account) for account in found[: asked.limit]],
            next_cursor=next_cursor([account.id for account in found], asked.limit),
        )

    @router.get("/{partner_id}")
    async def read_partner(partner_id: PartnerId, caller: AnyCaller) -> PartnerV1:
        """Read an account: one's own, or any as an operator."""
        return outgoing.snapshot(await accounts.read(database, caller, partner_id))

    @router.patch("/{partner_id}")
    async def update_partner(
        partner_id: PartnerId, body: schemas.PartnerChange, caller: OperatorCaller
    ) -> PartnerV1:
        """Change an account; inactive, its clients get no tokens any more."""
        changed = await accounts.update(
            database, partner_id, name=body.name, email=body.email, active=body.active
        )
        return outgoing.snapshot(changed)

    @router.post("/{partner_id}/clients", status_code=201, response_model=schemas.NewClientOut)
    async def create_client(
        partner_id: PartnerId,
        body: schemas.NewClientInput,
        caller: OperatorCaller,
        key: Idempotency,
    ) -> Response:
        """Make an API client; its secret is in this answer, and nowhere after."""
        once = key.once(caller, _created_client)
        answer = await accounts.create_client(database, secrets, partner_id, body.description, once)
        return _with_secret_shown(answer, secrets)

    @router.get("/{partner_id}/clients")
    async def list_clients(
        partner_id: PartnerId, caller: OperatorCaller, asked: Annotated[PageQuery, Query()]
    ) -> Page[schemas.ClientOut]:
        """List an account's clients, newest first."""
        found = await accounts.clients_of(
            database, partner_id, before=asked.cursor, limit=asked.limit + 1
        )
        return Page(
            data=[schemas.ClientOut.of(client) for client in found[: asked.limit]],
            next_cursor=next_cursor([client.id for client in found], asked.limit),
        )

    @router.delete("/{partner_id}/clients/{client_id}", status_code=204)
    async def revoke_client(
        partner_id: PartnerId, client_id: ClientId, caller: OperatorCaller
    ) -> None:
        """Revoke a client: it gets no tokens any more, and its refresh tokens die."""
        await accounts.revoke_client(database, partner_id, client_id)

    return router


def _created(account: Account) -> Answer:
    body = outgoing.snapshot(account).model_dump_json().encode()
    return Answer(201, body, {"Location": f"/v1/partners/{account.id}"})


def _created_client(made: NewClient) -> Answer:
    return Answer(201, schemas.NewClientOut.sealed(made).model_dump_json().encode())


def _with_secret_shown(answer: Answer, secrets: ClientSecrets) -> Response:
    """Open the secret on its way out, so that a replayed answer is the same to the byte."""
    shown = schemas.NewClientOut.model_validate_json(answer.body)
    opened = shown.model_copy(update={"client_secret": secrets.open(shown.client_secret)})
    return replace(answer, body=opened.model_dump_json().encode()).response()
