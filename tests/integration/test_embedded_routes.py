"""The gateway's table against the services themselves: each answers where it says."""

import base64

import pytest

from roadworthy.composition import build, settings_of
from roadworthy.gateway import SERVICES, service_of
from shared.service import Service

ANY = {
    "database_url": "postgresql+asyncpg://nobody:nothing@127.0.0.1:9/none",
    "signing_keys_password": "only-for-tests-0123456789",
    "webhook_secrets_key": base64.b64encode(bytes(32)).decode(),
    "booking_links_key": base64.b64encode(bytes(32)).decode(),
}


@pytest.fixture(scope="module")
def services() -> dict[str, Service]:
    return {name: build(name, settings_of(name, fixed=ANY)) for name in SERVICES}


@pytest.mark.parametrize("name", SERVICES)
def test_every_path_of_a_service_is_routed_to_it(services: dict[str, Service], name: str) -> None:
    paths = services[name].app.openapi()["paths"]
    assert paths
    assert {path: service_of(path) for path in paths} == dict.fromkeys(paths, name)
