"""From an event to a mail: one template for each type, laid out as text and as HTML."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial

from jinja2 import Environment, PackageLoader, StrictUndefined

from services.notifier.domain.brand import COLOUR, LANGUAGES, Brand
from services.notifier.domain.message import Message
from services.notifier.mail import formats
from shared.contracts import CONTRACTS
from shared.languages import translations

_SPACE = re.compile(r"\s+")
PACKAGE = "services.notifier.mail"
_BLANK_LINES = re.compile(r"\n\s*\n\s*\n+")

MAX_TEXT = 459
"""Three parts of a text message in the alphabet that most phones share (GSM 03.38)."""


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
        self._text = {each: _environment(each, autoescape=False) for each in LANGUAGES}
        self._html = {each: _environment(each, autoescape=True) for each in LANGUAGES}

    def render(
        self, message: Message, partner_name: str | None = None, brand: Brand | None = None
    ) -> Rendered:
        """Render the mail about an event; raises when its data isn't what its contract says."""
        brand = brand or Brand(message.partner_id)
        context = {
            "data": CONTRACTS[message.type].model_validate_json(message.data),
            "partner_name": partner_name,
            "public_url": self._public_url,
            "brand": brand,
            "colour": brand.colour or COLOUR,
            "language": brand.language,
        }
        name = f"{message.type}.j2"
        text = self._text[brand.language].get_template(name)
        in_text = {**context, "layout": "layout.txt", "parts": "parts.txt"}
        in_html = {**context, "layout": "layout.html", "parts": "parts.html"}
        subject, _, body = text.render(in_text).strip().partition("\n\n")
        return Rendered(
            subject=_SPACE.sub(" ", subject).strip(),
            text=_BLANK_LINES.sub("\n\n", body).strip() + "\n",
            html=self._html[brand.language].get_template(name).render(in_html),
        )

    def text_message(self, message: Message, brand: Brand) -> str:
        """Render the text message about an event, cut where it would cost too much."""
        template = self._text[brand.language].get_template(f"{message.type}.text.j2")
        data = CONTRACTS[message.type].model_validate_json(message.data)
        words = template.render(data=data, public_url=self._public_url)
        return _SPACE.sub(" ", words).strip()[:MAX_TEXT]

    def unsubscribe_page(self, brand: Brand, *, done: bool) -> str:
        """Render the page behind an unsubscribe link."""
        template = self._html[brand.language].get_template("unsubscribe.html")
        return template.render(
            brand=brand, colour=brand.colour or COLOUR, language=brand.language, done=done
        )

    def refused_page(self, language: str, status: int) -> str:
        """Render what is shown where a link that was followed leads nowhere."""
        template = self._html[language].get_template("refused.html")
        brand = Brand("", language=language)
        return template.render(brand=brand, colour=COLOUR, language=language, status=status)


def _environment(language: str, *, autoescape: bool) -> Environment:
    environment = Environment(
        loader=PackageLoader(PACKAGE),
        autoescape=autoescape,  # noqa: S701 - plain text is the one thing not to escape
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    texts = translations(PACKAGE, language)
    environment.install_gettext_translations(texts, newstyle=True)  # type: ignore[attr-defined] # the extension adds it
    environment.filters |= {
        "money": partial(formats.money, language=language),
        "moment": partial(formats.moment, language=language),
        "day": partial(formats.day, language=language),
        "local": partial(formats.local, language=language),
        "page": partial(formats.page, language=language),
        "vehicle": partial(formats.vehicle, unknown=texts.gettext("your vehicle")),
    }
    environment.tests |= {
        "resumed": formats.resumed,
        "asking": formats.asking,
        "decided": formats.decided,
        "rescheduled": formats.rescheduled,
    }
    return environment
