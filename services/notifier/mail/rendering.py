"""From an event to a mail: one template for each type, laid out as text and as HTML."""

from __future__ import annotations

import re
from dataclasses import dataclass

from jinja2 import Environment, PackageLoader, StrictUndefined

from services.notifier.domain.message import Message
from services.notifier.mail import formats
from shared.contracts import CONTRACTS

_SPACE = re.compile(r"\s+")
_BLANK_LINES = re.compile(r"\n\s*\n\s*\n+")


@dataclass(frozen=True, slots=True)
class Rendered:
    """A mail's words."""

    subject: str
    text: str
    html: str


class Renderer:
    """Renders mails; `public_url` is where their links lead."""

    def __init__(self, public_url: str) -> None:
        self._public_url = public_url.rstrip("/")
        self._text = _environment(autoescape=False)
        self._html = _environment(autoescape=True)

    def render(self, message: Message, partner_name: str | None = None) -> Rendered:
        """Render the mail about an event; raises when its data isn't what its contract says."""
        context = {
            "data": CONTRACTS[message.type].model_validate_json(message.data),
            "partner_name": partner_name,
            "public_url": self._public_url,
        }
        name = f"{message.type}.j2"
        text = self._text.get_template(name)
        in_text = {**context, "layout": "layout.txt", "parts": "parts.txt"}
        in_html = {**context, "layout": "layout.html", "parts": "parts.html"}
        subject, _, body = text.render(in_text).strip().partition("\n\n")
        return Rendered(
            subject=_SPACE.sub(" ", subject).strip(),
            text=_BLANK_LINES.sub("\n\n", body).strip() + "\n",
            html=self._html.get_template(name).render(in_html),
        )


def _environment(*, autoescape: bool) -> Environment:
    environment = Environment(
        loader=PackageLoader("services.notifier.mail"),
        autoescape=autoescape,  # noqa: S701 - plain text is the one thing not to escape
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "money": formats.money,
        "moment": formats.moment,
        "day": formats.day,
        "local": formats.local,
        "vehicle": formats.vehicle,
    }
    environment.tests |= {
        "resumed": formats.resumed,
        "asking": formats.asking,
        "decided": formats.decided,
        "rescheduled": formats.rescheduled,
    }
    return environment
