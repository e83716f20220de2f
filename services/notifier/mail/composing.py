"""A mail, as it goes to the mail server."""

from __future__ import annotations

from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

from services.notifier.domain.brand import Brand
from services.notifier.domain.message import Message
from services.notifier.mail.calendar import invitation
from services.notifier.mail.rendering import Renderer


def compose(
    renderer: Renderer,
    message: Message,
    *,
    sender: str,
    recipient: str,
    partner_name: str | None,
    brand: Brand | None = None,
    unsubscribe: str | None = None,
) -> EmailMessage:
    """Compose the mail about an event; raises ValueError when that can't be done.

    Its Message-ID is drawn from the event's id: should it ever be sent twice, readers see one.
    """
    brand = brand or Brand(message.partner_id)
    words = renderer.render(message, partner_name, brand)
    name, address = parseaddr(sender)
    mail = EmailMessage(policy=SMTP)
    mail["From"] = Address(brand.name or name, addr_spec=address)
    mail["To"] = Address(addr_spec=recipient)
    if brand.reply_to:
        mail["Reply-To"] = Address(addr_spec=brand.reply_to)
    mail["Subject"] = words.subject
    mail["Date"] = format_datetime(message.time)
    mail["Message-ID"] = f"<{message.event_id}@{address.partition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    if unsubscribe is not None:
        mail["List-Unsubscribe"] = f"<{unsubscribe}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.set_content(words.text)
    mail.add_alternative(words.html, subtype="html")
    if (invited := invitation(message, sender)) is not None:
        method, file = invited
        mail.add_attachment(
            file,
            maintype="text",
            subtype="calendar",
            filename="booking.ics",
            params={"method": method, "charset": "utf-8"},
        )
    # Last: whatever makes a part of a mail takes such headers along.
    mail["Content-Language"] = brand.language
    return mail
