"""What a page says of the codes that the API has: texts to be translated where they are shown."""

from __future__ import annotations

from typing import NamedTuple

from shared.languages import N_


class Refusal(NamedTuple):
    """Why there is nothing to see.

    `without_link` offers the page without the partner's link, `anew` its beginning.
    """

    title: str
    detail: str
    without_link: bool = False
    anew: bool = False


_NOTHING = Refusal(
    N_("Nothing here"),
    N_(
        "There is no such page, or it isn't there any more. Check the address, or ask the workshop."
    ),
)
_REFUSALS = {
    "link-altered": Refusal(
        N_("This link doesn't work"),
        N_("It was altered, or cut short on its way. Ask whoever sent it for a new one."),
        without_link=True,
    ),
    "link-expired": Refusal(
        N_("This link has expired"),
        N_("Ask whoever sent it for a new one."),
        without_link=True,
    ),
    "too-often": Refusal(
        N_("Please wait a few minutes"),
        N_("There were many tries from your connection. Nothing was changed; try again later."),
    ),
    "foreign-origin": Refusal(
        N_("That didn't come from this page"),
        N_("A form of another site was sent here. Nothing was changed."),
    ),
    "unavailable": Refusal(
        N_("One moment"),
        N_("This takes longer than it should. Nothing is lost; load the page again."),
    ),
    "internal-error": Refusal(
        N_("Something went wrong"),
        N_("This is a fault of ours, and it was recorded. Try again, or call the workshop."),
        anew=True,
    ),
}
_UNREADABLE = Refusal(
    N_("That can't be read"),
    N_("What was sent is no form of this page. Nothing was changed."),
    anew=True,
)
_UNREAD = {400, 405, 413, 415, 422}

_EMPTY = N_("Please fill this in.")
_LONG = N_("This is too long.")
FIELDS = {
    "string_type": _EMPTY,
    "string_too_short": _EMPTY,
    "missing": _EMPTY,
    "string_too_long": _LONG,
    "string_pattern_mismatch": N_(
        "This doesn't look right. A phone number may need its country code."
    ),
    "not-e164": N_("This doesn't look like a phone number. It may need its country code."),
    "not-an-email": N_("This doesn't look like an email address."),
    "unreachable": N_("Give an email address or a phone number, so that you can be reached."),
    "invalid-vin": N_("A VIN has 17 letters and digits, without I, O and Q."),
    "wrong-check-digit": N_("There is a mistake in this VIN: its check digit doesn't match."),
    "control-character": N_("This has characters that can't be used."),
    "more-than-a-line": N_("This has to be one line."),
    "nothing-chosen": N_("Choose a service, or say what is to be done."),
    "unknown-service": N_("A service that was chosen isn't offered any more. Please choose again."),
    "too-long": N_("This together takes longer than a day. Please choose less."),
}
_FIELD = N_("Please check this.")

TIMES = {
    "slot-taken": N_("Somebody was faster: this time has just been taken. Please choose another."),
    "hold-released": N_("This time isn't kept for you any more. Please choose again."),
    "limit-reached": N_("The workshop takes no more of this on that day. Please choose another."),
    "too-soon": N_("That is too soon for the workshop. Please choose a later time."),
    "in-the-past": N_("This time has passed. Please choose another."),
    "too-many-holds": N_("Many people are booking just now. Please try again in a few minutes."),
    "too-late": N_("It is too late to change this here. Please call the workshop."),
}
_TIME = N_("This time can't be had. Please choose another.")


def refusal(code: str, status: int) -> Refusal:
    """Say why there is nothing to see."""
    return _REFUSALS.get(code) or (_UNREADABLE if status in _UNREAD else _NOTHING)


def of_field(code: str) -> str:
    """Say what is wrong with what was typed."""
    return FIELDS.get(code, _FIELD)


def of_time(code: str) -> str:
    """Say why a time can't be had."""
    return TIMES.get(code, _TIME)
