"""An endpoint's health: gone, failing for too long, or switched off by its owner."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.notifier.domain import endpoint as rules
from services.notifier.domain.endpoint import (
    PATIENCE,
    DisabledReason,
    Endpoint,
    EndpointDisabled,
    EndpointFailing,
    EndpointStatus,
)

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ENDPOINT = Endpoint(id="whe_1", partner_id="par_1", url="https://example.com/hook")


def test_gone_disables_at_once() -> None:
    endpoint, events = rules.failed(ENDPOINT, NOW, gone=True)

    assert endpoint.disabled_reason is DisabledReason.GONE
    assert events == (EndpointDisabled(endpoint),)


def test_five_days_without_a_success_disable() -> None:
    failing, first = rules.failed(ENDPOINT, NOW, gone=False)
    still, nearly = rules.failed(failing, NOW + PATIENCE - timedelta(seconds=1), gone=False)
    disabled, events = rules.failed(still, NOW + PATIENCE, gone=False)

    assert (first, nearly) == ((), (EndpointFailing(still),))
    assert disabled.disabled_reason is DisabledReason.FAILING
    assert disabled.failing_since == NOW
    assert events == (EndpointDisabled(disabled),)


def test_one_success_starts_the_five_days_over() -> None:
    failing, _ = rules.failed(ENDPOINT, NOW, gone=False)
    healthy = rules.succeeded(failing)
    failing_again, events = rules.failed(healthy, NOW + PATIENCE, gone=False)

    assert failing_again.status is EndpointStatus.ENABLED
    assert events == ()


def test_enabling_clears_the_record() -> None:
    disabled, _ = rules.failed(ENDPOINT, NOW, gone=True)

    assert rules.enable(disabled) == Endpoint(
        id=ENDPOINT.id, partner_id=ENDPOINT.partner_id, url=ENDPOINT.url, sequence=1
    )


@given(st.lists(st.sampled_from(["fail", "gone", "succeed", "disable", "enable"]), max_size=30))
def test_each_disabling_is_told_once_and_numbered(walk: list[str]) -> None:
    endpoint, told = ENDPOINT, 0
    for step in walk:
        before, events = endpoint, ()
        match step:
            case "fail" | "gone":
                endpoint, events = rules.failed(endpoint, NOW, gone=step == "gone")
            case "succeed":
                endpoint = rules.succeeded(endpoint)
            case "disable":
                endpoint, events = rules.disable(endpoint, DisabledReason.ASKED, NOW)
            case "enable":
                endpoint = rules.enable(endpoint)
        told += len(events)
        switched_off = (
            before.status is EndpointStatus.ENABLED and endpoint.status is EndpointStatus.DISABLED
        )
        assert len(events) == switched_off
        assert endpoint.sequence == told
