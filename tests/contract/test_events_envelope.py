"""The envelope is CloudEvents 1.0 in Kafka's binary mode, by the word of the CloudEvents SDK."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary, to_binary
from cloudevents.core.formats.json import JSONFormat
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts import CONTRACTS, dataschema
from shared.events import MAX_ID_CHARACTERS, Event, NotAnEvent, from_record

EXAMPLES = Path("shared/contracts/examples")
text = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
printable = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1)
ids = printable.map(lambda made: made[:MAX_ID_CHARACTERS])
events = st.builds(
    Event,
    id=ids,
    type=st.sampled_from(sorted(CONTRACTS)),
    source=text,
    subject=text,
    time=st.datetimes(timezones=st.just(UTC)),
    sequence=st.integers(0, 2**63 - 1),
    partner_id=text,
    correlation_id=text,
    causation_id=st.none() | text,
    traceparent=st.none() | text,
    data=st.text(st.characters(exclude_categories=["Cs"])),
)


def example_of(event_type: str) -> Event:
    data = (EXAMPLES / f"{event_type}.json").read_text()
    return Event(
        id="01a20616-0d17-701e-83fe-2af3b0d16dd0",
        type=event_type,
        source=f"/{event_type.partition('.')[0]}",
        subject=json.loads(data).get("id", "bkg_01kd2m6a1qf4xs8n2c5e7h9k0m"),
        time=datetime(2026, 12, 1, 6, tzinfo=UTC),
        sequence=7,
        partner_id="par_01kd2m5x8nf7trg9v4w6y3z0ab",
        correlation_id="01a20616-0d17-701e-83fe-2af3b0d16dcf",
        causation_id=None,
        traceparent="00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        data=data,
    )


def test_the_golden_envelope() -> None:
    headers = {name: value.decode() for name, value in example_of("quote.created").headers()}
    assert headers == {
        "ce_specversion": "1.0",
        "ce_id": "01a20616-0d17-701e-83fe-2af3b0d16dd0",
        "ce_type": "quote.created",
        "ce_source": "/quote",
        "ce_subject": "quo_01kd2m6a1qf4xs8n2c5e7h9k0m",
        "ce_time": "2026-12-01T06:00:00Z",
        "ce_dataschema": "https://roadworthy.dev/schemas/QuoteV1.json",
        "ce_sequence": "00000000000000000007",
        "ce_partnerid": "par_01kd2m5x8nf7trg9v4w6y3z0ab",
        "ce_correlationid": "01a20616-0d17-701e-83fe-2af3b0d16dcf",
        "ce_traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "content-type": "application/json",
    }


@pytest.mark.parametrize("event_type", sorted(CONTRACTS))
def test_the_sdk_reads_each_type(event_type: str) -> None:
    ours = example_of(event_type)
    message = KafkaMessage(dict(ours.headers()), ours.subject, ours.data.encode())
    read = from_binary(message, JSONFormat())
    assert read.get_id() == ours.id
    assert read.get_type() == event_type
    assert read.get_source() == ours.source
    assert read.get_subject() == ours.subject
    assert read.get_time() == ours.time
    assert read.get_dataschema() == dataschema(event_type)
    assert read.get_datacontenttype() == "application/json"
    assert read.get_extension("partnerid") == ours.partner_id
    assert int(read.get_extension("sequence")) == ours.sequence
    CONTRACTS[event_type].model_validate(read.get_data())


@pytest.mark.parametrize("event_type", sorted(CONTRACTS))
def test_we_read_what_the_sdk_writes(event_type: str) -> None:
    ours = example_of(event_type)
    message = KafkaMessage(dict(ours.headers()), None, ours.data.encode())
    written = to_binary(from_binary(message, JSONFormat()), JSONFormat())
    again = from_record(written.headers.items(), written.value)
    assert json.loads(again.data) == json.loads(ours.data)
    assert again.headers() == ours.headers()


@given(events)
def test_an_event_comes_back_from_its_record_to_the_byte(event: Event) -> None:
    assert from_record(event.headers(), event.data.encode()) == event


@given(st.integers(0, 10**19), st.integers(0, 10**19))
def test_sequences_order_as_text(one: int, other: int) -> None:
    def header(sequence: int) -> bytes:
        event = example_of("quote.created")
        return dict(Event(**{**_fields(event), "sequence": sequence}).headers())["ce_sequence"]

    assert (header(one) < header(other)) == (one < other)


def _fields(event: Event) -> dict[str, object]:
    return {name: getattr(event, name) for name in Event.__slots__}


REQUIRED = ["ce_id", "ce_type", "ce_source", "ce_subject", "ce_time", "ce_sequence", "ce_partnerid"]


@pytest.mark.parametrize("name", REQUIRED)
def test_a_record_without_a_header_we_need_is_no_event(name: str) -> None:
    headers = [header for header in example_of("quote.created").headers() if header[0] != name]
    with pytest.raises(NotAnEvent, match=name):
        from_record(headers, b"{}")


def test_headers_of_others_are_none_of_our_business() -> None:
    ours = example_of("quote.created")
    more = [("x-broken", b"\xff"), ("x-null", None), *ours.headers()]
    assert from_record(more, ours.data.encode()) == ours  # type: ignore[arg-type]


@given(st.lists(st.tuples(st.sampled_from([*REQUIRED, "x"]), st.none() | st.binary())), st.binary())
def test_nothing_but_not_an_event_is_raised(headers: list[tuple[str, bytes]], value: bytes) -> None:
    with suppress(NotAnEvent):
        from_record(headers, value)
