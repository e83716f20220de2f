"""Signatures are Standard Webhooks exactly: two independent libraries are the judges."""

from base64 import b64decode
from datetime import UTC, datetime, timedelta

import pytest
import standardwebhooks
import svix.webhooks
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.notifier.domain.signature import signed_headers, written

SECRET, OLD_SECRET = bytes(range(32)), bytes(range(32, 64))
BODY = b'{"type":"service.updated","data":{"id":"ord_1"}}'
EVENT_ID = "01920c3e-0000-7000-8000-000000000000"

Refused = (standardwebhooks.WebhookVerificationError, svix.webhooks.WebhookVerificationError)
LIBRARIES = [
    pytest.param(standardwebhooks.Webhook, id="standardwebhooks"),
    pytest.param(svix.webhooks.Webhook, id="svix"),
]


def signed(sent_at: datetime | None = None, body: bytes = BODY) -> dict[str, str]:
    return signed_headers(EVENT_ID, sent_at or datetime.now(UTC), body, [SECRET])


@pytest.mark.seed(27)
def test_the_published_example_comes_out_the_same() -> None:
    """The vector of the reference libraries' own tests."""
    headers = signed_headers(
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        datetime.fromtimestamp(1614265330, UTC),
        b'{"test": 2432232314}',
        [b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")],
    )

    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


@pytest.mark.seed(27)
@pytest.mark.parametrize(
    ("seed", "signature"),
    [
        pytest.param(
            b64decode("VEVTVFNJR05JTkdLRVlET05PVFVTRVRISVNGT1JBTlk="),
            "tQ9V2XOqn7jL/DQenEFpqIugdBVtiMmER5mhSkXBNwM0mkATuDe6KYYUuxqtaiHeYGb7KaaBRdM5WqyeFiL8Ag==",
            id="go",
        ),
        pytest.param(
            b"\x01" * 32,
            "Ykcu7AtGZGmZxFEH1Gaa2Nd7feY/CTuruoL4fqgnKwfbHU4DhemoVHZdvGfIvKvn4BIgwktLGGPGIr/i9nK7AA==",
            id="javascript",
        ),
    ],
)
def test_the_published_ed25519_examples_come_out_the_same(seed: bytes, signature: str) -> None:
    """The vectors of the reference libraries' own tests, for Go and for JavaScript."""
    headers = signed_headers(
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        datetime.fromtimestamp(1614265330, UTC),
        b'{"test": 2432232314}',
        [],
        [Ed25519PrivateKey.from_private_bytes(seed).sign],
    )

    assert headers["webhook-signature"] == f"v1a,{signature}"


@pytest.mark.seed(27)
@pytest.mark.parametrize("library", LIBRARIES)
def test_both_libraries_verify_a_delivery(library: type) -> None:
    library(written(SECRET)).verify(BODY, signed())


@pytest.mark.seed(27)
@pytest.mark.parametrize("library", LIBRARIES)
def test_an_altered_body_is_refused(library: type) -> None:
    with pytest.raises(Refused):
        library(written(SECRET)).verify(BODY.replace(b"ord_1", b"ord_2"), signed())


@pytest.mark.seed(27)
@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("age", [timedelta(minutes=6), -timedelta(minutes=6)])
def test_a_stale_timestamp_is_refused(library: type, age: timedelta) -> None:
    with pytest.raises(Refused):
        library(written(SECRET)).verify(BODY, signed(datetime.now(UTC) - age))


@pytest.mark.seed(27)
@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("header", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_each_header_is_covered(library: type, header: str) -> None:
    other = {
        "webhook-id": "01920c3e-0000-7000-8000-000000000001",
        "webhook-timestamp": str(int(signed()["webhook-timestamp"]) + 1),
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }[header]

    with pytest.raises(Refused):
        library(written(SECRET)).verify(BODY, signed() | {header: other})


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("secret", [SECRET, OLD_SECRET], ids=["new", "old"])
def test_either_secret_verifies_during_a_rotation(library: type, secret: bytes) -> None:
    headers = signed_headers(EVENT_ID, datetime.now(UTC), BODY, [SECRET, OLD_SECRET])

    assert headers["webhook-signature"].count("v1,") == 2
    library(written(secret)).verify(BODY, headers)
