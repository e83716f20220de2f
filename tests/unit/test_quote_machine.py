"""A quote under any commands in any order, with the tables as the oracle."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.rates import PLAIN, rate, rates
from services.quote.domain import authorization, estimate, lifecycle
from services.quote.domain import quote as domain
from services.quote.domain.authorization import Authorization, Consent, Decided, How
from services.quote.domain.deciding import decide
from services.quote.domain.lifecycle import Action, NotAllowed, QuoteEvent, Status
from services.quote.domain.pricing import Offer, price
from services.quote.domain.quote import Quote, Terms
from services.quote.domain.rate_card import Rate
from services.quote.domain.request import Asked, Fault, Request
from services.quote.domain.revision import Wanted, revise
from services.quote.domain.vehicle import Vehicle, VinVerdict, judge_vin
from shared.money import Money

NOW = datetime(2026, 12, 1, tzinfo=UTC)
TERMS = Terms(timedelta(days=7), "https://example.com")
LATER = NOW + timedelta(hours=3)
LEAK = Asked("fault", fault=Fault("Oil leaks at the sump"))
DANA = Consent(How.PHONE, LATER, "Dana", "workshop", "cli_1")


def quoted(*card: Rate | None, quantity: int = 1, cap: int | None = None) -> Quote:
    """Make a quote of a line for each rate; where there is none, of a fault."""
    items = [Asked("paint", quantity) if each else LEAK for each in card]
    limit = None if cap is None else Money(cap, "AUD")
    request = Request(Vehicle("1HGCM82633A004352"), items, pre_authorized=limit)
    ids = [f"itm_{number}" for number in range(len(card))]
    return domain.create("quo_1", ids, "par_1", request, card, TERMS, NOW)[0]


@pytest.mark.seed(4)
@given(st.lists(rates(), min_size=1, max_size=8), st.integers(1, 100))
def test_the_total_is_the_sum_of_its_lines_to_the_cent(card: list[Rate], quantity: int) -> None:
    quote = quoted(*card, quantity=quantity)
    lines = [item.price for item in quote.items if item.price]
    assert len(lines) == len(card)
    assert quote.total.amount == sum(line.total.amount for line in lines)
    assert quote.total == quote.subtotal + quote.tax
    for line in lines:
        assert line.total == line.net + line.tax


Step = tuple[Quote, QuoteEvent]
Command = Callable[[Quote], Step | None]


def price_all(quote: Quote) -> Step:
    offers = {item.id: Offer(PLAIN) for item in quote.items if not item.price}
    return price(quote, offers, "par_2", TERMS, LATER)


def revised(quote: Quote, *, with_fault: bool) -> Step:
    wanted = [Wanted(item.id, item.asked, rate=PLAIN) for item in quote.items if item.by_person]
    more = Wanted("itm_9", LEAK) if with_fault else Wanted("itm_8", Asked("paint"), rate=PLAIN)
    return revise(quote, [*wanted[:2], more], TERMS, LATER, by_partner=True)


def decided(quote: Quote, place: int, word: Authorization) -> Step | None:
    return decide(quote, quote.items[place % len(quote.items)].id, word, DANA)


COMMANDS: dict[Action, st.SearchStrategy[Command]] = {
    Action.PRICE: st.just(price_all),
    Action.REVISE: st.booleans().map(
        lambda with_fault: lambda quote: revised(quote, with_fault=with_fault)
    ),
    Action.AUTHORIZE: st.tuples(
        st.integers(0, 3), st.sampled_from([Authorization.AUTHORIZED, Authorization.DECLINED])
    ).map(lambda drawn: lambda quote: decided(quote, *drawn)),
    Action.DECLINE: st.just(lambda quote: domain.act(quote, Action.DECLINE)),
    Action.EXPIRE: st.just(lambda quote: domain.act(quote, Action.EXPIRE)),
    Action.ORDER: st.just(lambda quote: domain.act(quote, Action.ORDER, order_id="ord_1")),
}
commands = st.one_of(
    *(st.tuples(st.just(action), strategy) for action, strategy in COMMANDS.items())
)


@given(
    st.lists(st.sampled_from([PLAIN, None]), min_size=1, max_size=3),
    st.one_of(st.none(), st.integers(0, 60_000)),
    st.lists(commands, max_size=12),
)
def test_no_command_leaves_the_tables(
    card: list[Rate | None], cap: int | None, steps: list[tuple[Action, Command]]
) -> None:
    quote = quoted(*card, cap=cap)
    check(quote)
    for action, command in steps:
        expected = lifecycle.TRANSITIONS.get((quote.status, action))
        if expected is None:
            with pytest.raises(NotAllowed) as refused:
                command(quote)
            allowed = [asked for (at, asked) in lifecycle.TRANSITIONS if at is quote.status]
            assert refused.value.allowed == allowed
            continue
        try:
            step = command(quote)
        except Decided:  # the line's own table is checked by what becomes of the others
            continue
        if step is None:
            continue
        changed, event = step
        follows(quote, changed, event, expected)
        check(changed)
        quote = changed


def follows(
    before: Quote, after: Quote, event: QuoteEvent, expected: tuple[Status | None, QuoteEvent]
) -> None:
    """Check one step against both tables."""
    assert after.sequence == before.sequence + 1
    assert after.version == before.version + (event is QuoteEvent.REVISED)
    if expected == (Status.AWAITING_PAYMENT, QuoteEvent.UPDATED) and event is QuoteEvent.DECLINED:
        assert not any(item.wanted for item in after.items)  # nothing is left of it
    else:
        by_lines = Status.PENDING if after.total is None else Status.AWAITING_PAYMENT
        assert (after.status, event) == (expected[0] or by_lines, expected[1])
    if event is QuoteEvent.REVISED:
        return
    for was, now in zip(before.items, after.items, strict=True):
        ways = authorization.TRANSITIONS[was.authorization] | {was.authorization}
        assert now.authorization in ways


def check(quote: Quote) -> None:
    """Check what holds of every quote."""
    wanted = [item for item in quote.items if item.wanted]
    if all(item.price for item in wanted):
        assert quote.total == quote.subtotal + quote.tax
        amounts = [item.price.total.amount for item in wanted if item.price]
        assert quote.total is not None
        assert quote.total.amount == sum(amounts) >= quote.authorized_total.amount
    else:
        assert quote.total is quote.duration is None
        assert quote.status is not Status.AWAITING_PAYMENT
    for item in quote.items:
        assert (item.authorization is Authorization.OPEN) == (item.consent is None)
        assert item.price or item.authorization is not Authorization.AUTHORIZED


@pytest.mark.seed(71)
@pytest.mark.parametrize("beyond", [-1, 0, 1])
def test_a_sum_agreed_on_before_authorises_what_is_within_it(beyond: int) -> None:
    total = quoted(PLAIN, PLAIN).total
    assert total
    quote = quoted(PLAIN, PLAIN, cap=total.amount - beyond)
    words = {(item.authorization, item.consent and item.consent.how) for item in quote.items}
    agreed = (Authorization.AUTHORIZED, How.PRE_AUTHORIZED)
    assert words == {(Authorization.OPEN, None) if beyond > 0 else agreed}


@pytest.mark.seed(71)
def test_a_revision_asks_again_unless_the_line_was_authorised_and_costs_the_same() -> None:
    quote = quoted(PLAIN, PLAIN, PLAIN)
    for place, word in enumerate([Authorization.AUTHORIZED, Authorization.AUTHORIZED]):
        quote = decide(quote, f"itm_{place}", word, DANA)[0]
    quote = decide(quote, "itm_2", Authorization.DECLINED, DANA)[0]
    dearer = rate(hourly_rate=Money(20000, "AUD"))
    wanted = [
        Wanted("itm_0", Asked("paint"), rate=PLAIN),
        Wanted("itm_1", Asked("paint"), rate=dearer),
    ]
    wanted.append(Wanted("itm_2", Asked("paint"), rate=PLAIN))
    after = revise(quote, wanted, TERMS, LATER, by_partner=True)[0]
    assert [str(item.authorization) for item in after.items] == ["authorized", "open", "open"]
    assert after.items[0].consent == DANA


@pytest.mark.seed(2)
@pytest.mark.parametrize(
    ("vin", "verdict"),
    [
        ("1HGCM82633A004352", VinVerdict.GOOD),
        ("1HGCM82633A004353", VinVerdict.WRONG_CHECK_DIGIT),
        ("LSJA24U9XPS000001", VinVerdict.WRONG_CHECK_DIGIT),
        ("WVWZZZ1JZ3W386752", VinVerdict.DOUBTFUL),
        ("1HGCM82633A00435", VinVerdict.MALFORMED),
        ("IHGCM82633A004352", VinVerdict.MALFORMED),
    ],
)
def test_a_check_digit_binds_where_the_law_says_so(vin: str, verdict: VinVerdict) -> None:
    assert judge_vin(vin) is verdict


def test_an_estimate_is_a_date_however_much_there_is_to_do_before() -> None:
    """Some orders of very many hours, and no quote of their workshop could be made any more."""
    queue = timedelta(hours=40_000_000)
    done = estimate.completion(NOW, timedelta(hours=4), queue, estimate.WORKING_DAY)
    assert done == NOW + timedelta(days=3650)


def test_the_estimate_counts_working_days_after_the_handover() -> None:
    assert quoted(PLAIN).estimated_completion_at == NOW + timedelta(days=2)
    assert quoted(PLAIN, quantity=9).estimated_completion_at == NOW + timedelta(days=3)
