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


def failing_until(last: datetime, endpoint: Endpoint = ENDPOINT) -> tuple[Endpoint, list[object]]:
    """Have an endpoint fail each ten hours, as a delivery's last retries do, and at the last."""
    at, told = NOW, list[object]()
    while at < last:
        endpoint, events = rules.failed(endpoint, at, gone=False)
        told += events
        at += timedelta(hours=10)
    endpoint, events = rules.failed(endpoint, last, gone=False)
    return endpoint, [*told, *events]


def test_five_days_without_a_success_disable() -> None:
    still, told = failing_until(NOW + PATIENCE - timedelta(seconds=1))
    disabled, events = rules.failed(still, NOW + PATIENCE, gone=False)

    assert [type(each) for each in told] == [EndpointFailing]
    assert disabled.disabled_reason is DisabledReason.FAILING
    assert disabled.failing_since == NOW
    assert events == (EndpointDisabled(disabled),)


def test_one_success_starts_the_five_days_over() -> None:
    failing, _ = rules.failed(ENDPOINT, NOW, gone=False)
    healthy = rules.succeeded(failing)
    failing_again, events = rules.failed(healthy, NOW + PATIENCE, gone=False)

    assert failing_again.status is EndpointStatus.ENABLED
    assert events == ()


def test_failures_that_are_weeks_apart_are_no_outage() -> None:
    failing, told = failing_until(NOW + timedelta(hours=28))
    later = NOW + timedelta(days=14)
    again, events = rules.failed(failing, later, gone=False)

    assert [type(each) for each in told] == [EndpointFailing]
    assert (events, again.status, again.failing_since) == ((), EndpointStatus.ENABLED, later)
    warned, events = rules.failed(again, later + timedelta(days=1), gone=False)
    assert events == (EndpointFailing(warned),)


def test_the_last_failure_is_noted_once_an_hour() -> None:
    failing, _ = rules.failed(ENDPOINT, NOW, gone=False)
    soon, _ = rules.failed(failing, NOW + timedelta(minutes=59), gone=False)
    later, _ = rules.failed(failing, NOW + timedelta(minutes=60), gone=False)

    assert soon == failing
    assert later.failed_at == NOW + timedelta(minutes=60)


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
