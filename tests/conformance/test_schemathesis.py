"""Requests that schemathesis makes up from the OpenAPI documents, against a real socket."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
import pytest_asyncio
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, status_code_conformance

from conformance import operations, platform
from conformance.answers import mismatches, problem
from conformance.live import Live, live
from conformance.walk import ailments
from infra.access import SigningKeys
from infra.databases import MakeDatabase
from infra.running import bus_settings
from infra.servers import INFRA
from roadworthy.embedded.inbox import Inbox
from roadworthy.gateway import SERVICES

MOST = 20  # for a body has room for surprises
FEWER = 6
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance]
schemathesis.serializer.alias("message/rfc822", "text/plain")
BOUNDED = settings(
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def _operations() -> Iterator[APIOperation]:
    for document in operations.DOCUMENTS.values():
        schema = schemathesis.openapi.from_dict(document, config=schemathesis.Config())
        yield from (found.ok() for found in schema.get_all_operations())


OPERATIONS = list(_operations())
BY_NAME = {str(each): each for each in operations.OPERATIONS}


@pytest_asyncio.fixture(scope="module")
async def urls(module_database: MakeDatabase) -> dict[str, str]:
    return await platform.databases(module_database)


@pytest.fixture(scope="module")
def running(
    urls: dict[str, str],
    kafka_bootstrap: str,
    topic_prefix: str,
    smtp_inbox: Inbox,
    keys: SigningKeys,
) -> Iterator[Live]:
    bus = bus_settings(kafka_bootstrap, topic_prefix, embedded=INFRA == "embedded")
    with live(urls, keys, smtp_inbox, **bus) as served:
        yield served


def _as_httpx(response: schemathesis.Response) -> httpx.Response:
    return httpx.Response(
        response.status_code,
        headers=[(name, value) for name, values in response.headers.items() for value in values],
        content=response.content,
        request=httpx.Request(response.request.method or "", response.request.url or ""),
    )


@pytest.mark.filterwarnings("ignore:Do not use the `random` module")  # schemathesis does
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: each.label)
def test_whatever_is_sent_is_answered_as_documented(running: Live, operation: APIOperation) -> None:
    documented, owner = BY_NAME[operation.label], running.owner
    own = {name: owner.ids[name] for name in documented.names("path")}
    fixed = {"Partner-Id": owner.ids["partner_id"], "Prefer": "wait=0"}
    access = owner.headers("partner", "workshop", "operator")
    session = requests.Session()

    @settings(BOUNDED, max_examples=MOST if documented.takes_json else FEWER)
    @given(
        st.one_of(
            operation.as_strategy(GenerationMode.POSITIVE, path_parameters=own, headers=fixed),
            operation.as_strategy(GenerationMode.NEGATIVE, path_parameters=own, headers=fixed),
            operation.as_strategy(GenerationMode.POSITIVE, headers=fixed),
        )
    )
    def explore(case: Case) -> None:
        if isinstance(case.body, dict):
            case.body |= {name: owner.ids[name] for name in case.body.keys() & owner.ids.keys()}
        response = case.call_and_validate(
            base_url=running.origin, session=session, headers=access, checks=CHECKS
        )
        answer = _as_httpx(response)
        if answer.is_success:
            assert mismatches(documented, answer) == []
        else:
            problem(answer, answer.status_code)

    explore()


@pytest.mark.parametrize("service", SERVICES)
def test_nothing_of_this_stopped_a_service(running: Live, service: str) -> None:
    assert running.wait_for(ailments(running.owner.platform.services[service])) == []
