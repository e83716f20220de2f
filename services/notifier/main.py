"""The composition root of the notifier."""

from __future__ import annotations

from datetime import timedelta

from services.notifier import consumers
from services.notifier.canceling import Canceling
from services.notifier.engine.engine import Engine
from services.notifier.engine.settling import Policy
from services.notifier.erasing import Erasing
from services.notifier.mail.post import Post
from services.notifier.mail.rendering import Renderer
from services.notifier.mail.server import MailServer
from services.notifier.mail.texting import LoggedTexts, NoTexts, Texts, TwilioTexts
from services.notifier.mail.unsubscribing import Unsubscribing
from services.notifier.replaying import Replaying
from services.notifier.repository import retention, statistics
from services.notifier.resolver import Resolver
from services.notifier.routes import (
    deliveries,
    endpoints,
    erasures,
    events,
    health,
    mails,
    replays,
    suppressions,
    unsubscribe,
    webhook_keys,
)
from services.notifier.sealing import SecretBox
from services.notifier.sender import Sender
from services.notifier.settings import NotifierSettings
from services.notifier.urls import Urls
from shared.clock import Clock, SystemClock
from shared.database import Database
from shared.database_urls import dsn
from shared.keys import KeySource
from shared.routing import side_by_side
from shared.service import Assembly, Service
from shared.worker import Worker

MAIL_POLL_SECONDS = 1.0
MAIL_LINGER_SECONDS = 0.05
"""How long a mail waits for others, while the webhooks of its event are on their way."""

REPLAY_POLL_SECONDS = 0.25
CANCELING_POLL_SECONDS = 5.0
ERASURE_POLL_SECONDS = 5.0
RETENTION_SECONDS = 3600.0
STATISTICS_SECONDS = 1.0


def build(
    settings: NotifierSettings | None = None,
    *,
    clock: Clock | None = None,
    keys: KeySource | None = None,
) -> Service:
    """Put the service together; without settings, by those of the environment."""
    settings = settings or NotifierSettings()
    assembly = Assembly(
        name="notifier",
        title="Roadworthy webhooks and mails",
        settings=settings,
        clock=clock or SystemClock(),
        keys=keys,
        topics=consumers.CONSUMED,
    )
    database = assembly.database
    box = SecretBox.of(settings.webhook_secrets_key.get_secret_value())
    sender = Sender(
        settings.webhook_allowed_networks,
        timedelta(seconds=settings.webhook_timeout),
        most_idle=settings.webhook_in_flight,
    )
    engine = _engine(settings, database, sender, box)
    replaying = Worker("replays", Replaying(database, engine.queued), every=REPLAY_POLL_SECONDS)
    canceling = Worker("cancellations", Canceling(database), every=CANCELING_POLL_SECONDS)
    erasing = Worker("erasures", Erasing(database), every=ERASURE_POLL_SECONDS)
    renderer = Renderer(settings.public_url)
    unsubscribing = Unsubscribing(box, settings.public_url)
    post = _post(settings, database, renderer, unsubscribing)
    mail = Worker("mail", post.send_due, every=MAIL_POLL_SECONDS, linger=MAIL_LINGER_SECONDS)

    async def forget() -> int:
        async with database.transaction() as work:
            before = work.now - timedelta(days=settings.retention_days)
            return await retention.forget(work.connection, before)

    async def know_tables() -> int:
        async with database.transaction() as work:
            await statistics.catch_up(work.connection)
        return 0

    assembly.effects = consumers.effects(mail.wake, engine.hand)
    app = assembly.app(show=unsubscribe.refusing(renderer))
    # Of its own: names that nobody answers for, registered by the dozen, would hold up deliveries.
    urls = Urls(settings.webhook_allowed_networks, Resolver())
    overlap = timedelta(seconds=settings.webhook_secret_overlap)
    router = side_by_side(
        endpoints.build(database, urls, box, overlap, engine.changed),
        deliveries.build(database, engine.queued),
        health.build(database),
        replays.build(database, replaying.wake),
        erasures.build(database, erasing.wake),
        mails.build(database, renderer, settings.mail_per_account_per_hour),
        suppressions.build(database),
        unsubscribe.build(database, renderer, unsubscribing),
        events.build(database),
        webhook_keys.build(database),
    )
    old = Worker("retention", forget, every=RETENTION_SECONDS)
    known = Worker("statistics", know_tables, every=STATISTICS_SECONDS)
    workers = [mail, replaying, canceling, erasing, old, known]
    return assembly.service(app, router, workers, deliveries=engine)


def _engine(
    settings: NotifierSettings, database: Database, sender: Sender, box: SecretBox
) -> Engine:
    policy = Policy(
        retries=[timedelta(seconds=wait) for wait in settings.webhook_retries],
        patience=timedelta(seconds=settings.webhook_patience),
        longest_pause=timedelta(seconds=settings.webhook_longest_pause),
    )
    return Engine(
        database,
        sender,
        box,
        policy,
        SystemClock(),
        dsn=dsn(settings.database_url.get_secret_value()),
        lease=timedelta(seconds=settings.webhook_lease),
        window=settings.webhook_window,
        in_flight=settings.webhook_in_flight,
    )


def _post(
    settings: NotifierSettings,
    database: Database,
    renderer: Renderer,
    unsubscribing: Unsubscribing,
) -> Post:
    server = MailServer(
        host=settings.smtp_host,
        port=settings.smtp_port,
        username=settings.smtp_username,
        password=settings.smtp_password.get_secret_value(),
        security=settings.smtp_security,
    )
    return Post(
        database,
        server,
        _texts(settings),
        renderer,
        unsubscribing,
        sender=settings.mail_from,
        per_hour=settings.mail_per_hour,
        per_account=settings.mail_per_account_per_hour,
    )


def _texts(settings: NotifierSettings) -> Texts:
    match settings.sms_provider:
        case "twilio":
            token = settings.sms_token.get_secret_value()
            return TwilioTexts(settings.sms_url, settings.sms_account, token, settings.sms_from)
        case "log":
            return LoggedTexts()
        case "none":
            return NoTexts()
