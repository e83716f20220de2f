"""Pictures of services: of 24 by 24, drawn in one stroke, by a service's own icon or category."""

from __future__ import annotations

from services.booking.domain.workshop import Category, Offer

_WRENCH = "M14.7 6.3a4 4 0 0 0-5.4 5L4 16.6 7.4 20l5.3-5.3a4 4 0 0 0 5-5.4l-2.5 2.5-2.5-.5-.5-2.5z"
_DROP = "M12 3.5c3.6 4.3 5.5 7.2 5.5 10a5.5 5.5 0 0 1-11 0c0-2.8 1.9-5.7 5.5-10z"
_TYRE = "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zm0 5.5a3.5 3.5 0 1 1 0 7 3.5 3.5 0 0 1 0-7z"
_BRAKE = (
    "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zm0 4v5m0 2.6v.4"
    "M3 7a10.5 10.5 0 0 0 0 10M21 7a10.5 10.5 0 0 1 0 10"
)
_BATTERY = "M4 8h16v11H4zM7 8V5.5h3V8m4 0V5.5h3V8M7 13h3m4 0h3m-1.5-1.5v3"
_BOOK = "M5 4.5h9.5A2.5 2.5 0 0 1 17 7v13.5H7.5A2.5 2.5 0 0 1 5 18zM17 8h2v10.5h-2M8.5 8.5h5m-5 4h5"
_CHECK = "M12 3l7.5 3v5.5c0 4.5-3 7.7-7.5 9.5-4.5-1.8-7.5-5-7.5-9.5V6zM8.7 12l2.3 2.3 4.3-4.6"
_CAR = (
    "M5 12l1.6-4.5A2 2 0 0 1 8.5 6h7a2 2 0 0 1 1.9 1.5L19 12m-14 0h14v5.5H5z"
    "M7.5 17.5V19m9-1.5V19M8 14.7h.5m7 0h.5"
)

_NAMED = {
    "oil": _DROP,
    "drop": _DROP,
    "tyre": _TYRE,
    "tyres": _TYRE,
    "tire": _TYRE,
    "wheel": _TYRE,
    "brake": _BRAKE,
    "brakes": _BRAKE,
    "battery": _BATTERY,
    "logbook": _BOOK,
    "book": _BOOK,
    "inspection": _CHECK,
    "check": _CHECK,
    "car": _CAR,
    "wrench": _WRENCH,
    "spanner": _WRENCH,
    "repair": _WRENCH,
}
_OF_CATEGORY = {
    Category.MAINTENANCE: _DROP,
    Category.TYRES: _TYRE,
    Category.REPAIR: _WRENCH,
    Category.OTHER: _CAR,
}
_COLOURS = {
    Category.MAINTENANCE: "#0f6d5c",
    Category.TYRES: "#3b4a9c",
    Category.REPAIR: "#a2471b",
    Category.OTHER: "#4d5966",
}
MAX_LIGHT = 150


def picture(offer: Offer) -> str:
    """Return the path that is drawn for a service."""
    return _NAMED.get((offer.icon or offer.code).lower(), _OF_CATEGORY[offer.category])


def glyph(offer: Offer) -> str | None:
    """Return the service's icon where it is a character of its own, such as an emoji."""
    icon = offer.icon or ""
    return icon if 0 < len(icon) <= 2 and not icon.isalnum() else None


def colour(offer: Offer) -> str:
    """Return the service's colour, or its category's."""
    return offer.colour or _COLOURS[offer.category]


def is_light(colour: str) -> bool:
    """Tell whether white can't be read on a colour (ITU-R BT.601's luma)."""
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return (red * 299 + green * 587 + blue * 114) / 1000 > MAX_LIGHT
