"""What pages say of codes that the API and providers have: translated where it is shown."""

from __future__ import annotations

from typing import NamedTuple

from shared.languages import N_
from shared.problems import Problem


class Said(NamedTuple):
    """What a payer is told; `again` offers the page as it stands."""

    title: str
    detail: str
    again: bool = True


_UNREADABLE = Said(
    N_("That can't be read"), N_("Nothing was charged. Load the page, and use its form.")
)
_REFUSALS = {
    403: Said(
        N_("That didn't come from this page"),
        N_("A form of another site was sent here. Nothing was charged."),
    ),
    404: Said(
        N_("Nothing here"),
        N_("There is no such page, or what it is about was only just made. Check the address."),
        again=False,
    ),
    405: Said(
        N_("That can't be done here"), N_("Nothing was charged. Open the page in a browser.")
    ),
    500: Said(
        N_("Something went wrong"),
        N_("This is a fault of ours, and it was recorded. Load the page: it shows what was paid."),
    ),
    503: Said(
        N_("One moment"), N_("This takes longer than it should. Nothing is lost; try again.")
    ),
}
THANKS = Said(N_("Thank you"), N_("Your bank's part is done."), again=False)

_FORMS = {
    "unknown-token": N_("The payment provider doesn't know this token."),
    "provider-unavailable": N_(
        "The payment provider doesn't answer. Nothing was changed; try again."
    ),
}
_FORM = N_("This form was sent before, with another card. What came of that is shown here.")

_FAILURES = {
    "card-declined": N_("The card was declined by its bank."),
    "insufficient-funds": N_("The card's account doesn't have the money."),
    "expired-card": N_("The card has expired."),
    "incorrect-cvc": N_("The card's security code is wrong."),
    "processing-error": N_("The card's bank couldn't carry out the payment."),
    "authentication-required": N_("The bank asks for a confirmation that never came."),
    "authentication-failed": N_("The bank's confirmation was refused."),
    "payment-intent-authentication-failure": N_("The bank's confirmation was refused."),
    "amount-too-precise": N_("The provider takes whole units of this currency alone."),
    "payment-abandoned": N_("The bank's confirmation never came."),
}
_FAILURE = N_("The payment was refused: %(code)s.")


def refusal(status: int) -> Said:
    """Say what a page was refused for."""
    return _REFUSALS.get(status, _UNREADABLE)


def of_form(refused: Problem) -> str:
    """Say why a form paid nothing."""
    code = refused.errors[0].code if refused.errors else refused.code
    return _FORMS.get(code, _FORM)


def of_failure(code: str) -> str:
    """Say why a payment failed; a code that nobody foresaw fills its place in what is said."""
    return _FAILURES.get(code, _FAILURE)
