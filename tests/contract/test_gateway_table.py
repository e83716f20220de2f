"""What nginx does with a request before any service sees it, against services that only echo."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from secrets import token_urlsafe

import httpx
import pytest
import pytest_asyncio
from aiohttp import web

from infra.nginx import nginx
from infra.reading import BROWSER, is_a_page
from infra.waiting import eventually
from roadworthy.embedded.ports import LOOPBACK
from roadworthy.gateway import PREFIXES, SERVICES, service_of
from shared.edge import MAX_BODY_BYTES, too_large

UNREACHABLE = "notifier"
SECURITY = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "strict-origin-when-cross-origin",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where nginx works, and logs."""
    return tmp_path_factory.mktemp("nginx")


@pytest_asyncio.fixture(scope="module")
async def gateway(folder: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with AsyncExitStack() as stack:
        upstreams = {
            name: await stack.enter_async_context(Echo(name))
            for name in SERVICES
            if name != UNREACHABLE
        }
        address = await stack.enter_async_context(nginx(folder, upstreams, patience="1s"))
        yield await stack.enter_async_context(httpx.AsyncClient(base_url=address, timeout=10))


class Echo:
    """A server that answers with its name and what reached it; `/slow` takes too long."""

    def __init__(self, name: str) -> None:
        self._name = name
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, shutdown_timeout=0)

    async def __aenter__(self) -> str:
        await self._runner.setup()
        await web.TCPSite(self._runner, LOOPBACK, 0).start()
        return f"{LOOPBACK}:{self._runner.addresses[0][1]}"

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.Response:
        if request.path.endswith("/slow"):
            await asyncio.sleep(2)  # a backend that is slow, for the gateway's timeout
        headers = {name.lower(): value for name, value in request.headers.items()}
        sent = {"service": self._name, "path": request.raw_path, "headers": headers}
        return web.json_response(sent, headers={"X-Request-Id": "its own", "X-Frame-Options": ""})


def cases() -> list[str]:
    near = [f"{prefix}x" for prefix in PREFIXES] + [prefix[:-1] for prefix in PREFIXES]
    below = [f"{prefix}/a/b" for prefix in PREFIXES]
    return [*PREFIXES, *below, *near, "/", "/v1", "/v1/", "/v2/quotes", "/docs", "/metrics/all"]


async def test_nginx_and_the_one_process_gateway_agree_whose_each_path_is(
    gateway: httpx.AsyncClient,
) -> None:
    for path in cases():
        answer = await gateway.get(path, headers={"Accept": "application/json"})
        expected = service_of(path)
        if expected is None:
            assert answer.status_code == 404, path
            assert_problem(answer, 404, "not-found")
        elif expected == UNREACHABLE:
            assert_problem(answer, 502, "service-unreachable")
        else:
            assert answer.is_success, path
            assert answer.json()["service"] == expected, path


async def test_a_request_arrives_as_it_was_sent(gateway: httpx.AsyncClient) -> None:
    answer = await gateway.get("/v1/quotes/quo_1?cursor=a%2Fb", headers={"Prefer": "wait=3"})
    sent = answer.json()
    assert sent["path"] == "/v1/quotes/quo_1?cursor=a%2Fb"
    assert sent["headers"]["prefer"] == "wait=3"
    assert sent["headers"]["host"] == gateway.base_url.netloc.decode()
    assert sent["headers"]["x-forwarded-proto"] == "http"
    assert sent["headers"]["x-forwarded-for"] == LOOPBACK


@pytest.mark.parametrize("given", ["mine-1", '{"a":"b"}', "x" * 128])
async def test_a_callers_request_id_goes_in_and_out(gateway: httpx.AsyncClient, given: str) -> None:
    answer = await gateway.get("/v1/orders", headers={"X-Request-Id": given})
    assert answer.headers.get_list("x-request-id") == [given]
    assert answer.json()["headers"]["x-request-id"] == given


@pytest.mark.parametrize("given", [None, "", "x" * 129, "a b", "né"])
async def test_one_that_is_missing_or_unsafe_is_replaced(
    gateway: httpx.AsyncClient, given: str | None
) -> None:
    headers = {} if given is None else {"X-Request-Id": given.encode()}
    answer = await gateway.get("/v1/orders", headers=headers)
    [made] = answer.headers.get_list("x-request-id")
    assert len(made) == 32
    assert answer.json()["headers"]["x-request-id"] == made


@pytest.mark.parametrize("path", ["/v1/orders", "/v1/events", "/nothing", "/healthz"])
async def test_every_answer_has_the_security_headers_once(
    gateway: httpx.AsyncClient, path: str
) -> None:
    answer = await gateway.get(path)
    for name, value in SECURITY.items():
        assert answer.headers.get_list(name) == [value]
    assert answer.headers["server"] == "nginx"


def lines_of(log: Path, request_id: str) -> list[str]:
    return [
        line for line in log.read_text().splitlines() if line.endswith("}") and request_id in line
    ]


@pytest.mark.parametrize(
    ("path", "logged"),
    [
        ("/v1/calendars/{}.ics", "/v1/calendars/***"),
        ("/unsubscribe/{}", "/unsubscribe/***"),
        ("/checkout/invoices/inv_1/{}", "/checkout/invoices/inv_1/***"),
        ("/v1/invoices/inv_1/{}.pdf", "/v1/invoices/inv_1/***"),
        ("/book/wks_1/manage?key={}", "/book/wks_1/manage"),
        ("/v1/invoices/inv_1/credit-notes", "/v1/invoices/inv_1/credit-notes"),
    ],
)
async def test_no_secret_of_an_address_is_logged(
    gateway: httpx.AsyncClient, folder: Path, path: str, logged: str
) -> None:
    secret = token_urlsafe(32)
    await gateway.get(path.format(secret), headers={"X-Request-Id": f"of-{secret[:8]}"})
    # nginx writes of a request once it has answered.
    [line] = await eventually(lambda: lines_of(folder / "nginx.log", f"of-{secret[:8]}"))
    assert f'"path":"{logged}"' in line
    assert secret not in line


async def test_a_body_is_bounded_as_the_services_bound_it(gateway: httpx.AsyncClient) -> None:
    assert (await gateway.post("/v1/quotes", content=bytes(MAX_BODY_BYTES))).is_success
    refused = await gateway.post("/v1/quotes", content=bytes(MAX_BODY_BYTES + 1))
    assert_problem(refused, 413, too_large(MAX_BODY_BYTES).code)
    assert refused.json() == too_large(MAX_BODY_BYTES).body()


async def test_a_service_that_takes_too_long_is_a_504(gateway: httpx.AsyncClient) -> None:
    assert_problem(await gateway.post("/v1/orders/slow"), 504, "service-timeout")


async def test_addresses_and_headers_are_bounded(gateway: httpx.AsyncClient) -> None:
    long = "x" * 9_000
    assert_problem(await gateway.get(f"/v1/quotes/{long}"), 414, "address-too-long")
    too_much = await gateway.get("/v1/quotes", headers={"X-Long": long})
    assert_problem(too_much, 431, "headers-too-large")


async def test_what_the_gateway_refuses_of_a_page_is_a_page(gateway: httpx.AsyncClient) -> None:
    large = bytes(MAX_BODY_BYTES + 1)
    for page in ("/book/wks_1", "/checkout/quo_1"):
        for answer, status in [
            (await gateway.post(page, content=large, headers=BROWSER), 413),
            (await gateway.get(f"{page}/slow", headers=BROWSER), 504),
        ]:
            is_a_page(answer, status)
        program = {"Accept": "application/json"}
        refused = await gateway.post(page, content=large, headers=program)
        assert_problem(refused, 413, "body-too-large")
    is_a_page(await gateway.get("/unsubscribe/x", headers=BROWSER), 502)  # it is UNREACHABLE
    assert "content-security-policy" not in (await gateway.get("/book/wks_1")).headers
    api = await gateway.post("/v1/orders/slow", headers=BROWSER)
    assert_problem(api, 504, "service-timeout")


def assert_problem(answer: httpx.Response, status: int, code: str) -> None:
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["type"] == f"https://roadworthy.dev/problems/{code}"
    assert problem["title"] == code.replace("-", " ").capitalize()
    assert (problem["status"], problem["code"]) == (status, code)
    assert problem["detail"].endswith(".")
