"""The notifier's own tables."""

from services.notifier.tables.accounts import partners, workshops
from services.notifier.tables.base import metadata
from services.notifier.tables.erasures import erased_subjects, erasures
from services.notifier.tables.mails import brands, emails, opt_outs, suppressions
from services.notifier.tables.messages import messages
from services.notifier.tables.replays import replays
from services.notifier.tables.webhooks import attempts, deliveries, endpoints, lanes, workers

__all__ = [
    "attempts",
    "brands",
    "deliveries",
    "emails",
    "endpoints",
    "erased_subjects",
    "erasures",
    "lanes",
    "messages",
    "metadata",
    "opt_outs",
    "partners",
    "replays",
    "suppressions",
    "workers",
    "workshops",
]
