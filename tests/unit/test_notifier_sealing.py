"""Webhook secrets at rest (decision 7)."""

from base64 import b64encode

import pytest

from services.notifier.sealing import SecretBox, SecretUnreadable

OLD, NEW = bytes(32), bytes(range(32))


def test_what_is_sealed_opens_for_its_endpoint_alone() -> None:
    box = SecretBox([OLD])
    sealed = box.seal(b"secret", "whe_1")

    assert b"secret" not in sealed
    assert box.open(sealed, "whe_1") == b"secret"
    with pytest.raises(SecretUnreadable):
        box.open(sealed, "whe_2")


def test_a_new_key_seals_and_the_old_one_still_opens() -> None:
    sealed = SecretBox([OLD]).seal(b"secret", "whe_1")
    both = SecretBox.of(f"{b64encode(NEW).decode()},{b64encode(OLD).decode()}")

    assert both.open(sealed, "whe_1") == b"secret"
    assert SecretBox([NEW]).open(both.seal(b"secret", "whe_1"), "whe_1") == b"secret"


def test_without_its_key_a_secret_stays_sealed_and_unnamed() -> None:
    sealed = SecretBox([OLD]).seal(b"secret", "whe_1")

    with pytest.raises(SecretUnreadable) as caught:
        SecretBox([NEW]).open(sealed, "whe_1")
    assert "secret" not in str(caught.value).replace("the secret of", "")


@pytest.mark.parametrize("keys", ["", "c2hvcnQ=", "not base64!"])
def test_a_key_that_is_none_is_refused_at_the_start(keys: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        SecretBox.of(keys)
