"""The composition root of the partner service."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from services.partner.handlers import housekeeping
from services.partner.handlers.tokens import Policy, TokenService
from services.partner.hashing import Hashing
from services.partner.keyring import Keyring
from services.partner.routes import oauth, partners
from services.partner.secrecy import ClientSecrets
from services.partner.settings import PartnerSettings
from shared.clock import Clock, SystemClock
from shared.keys import KeySource
from shared.routing import side_by_side
from shared.service import Assembly, Service
from shared.worker import Worker

FORGET_SECONDS = 600.0


def build(
    settings: PartnerSettings | None = None,
    *,
    clock: Clock | None = None,
    keys: KeySource | None = None,
) -> Service:
    """Put the service together; without settings, by those of the environment.

    It checks tokens by its own keys, unless others are handed over.
    """
    settings = settings or PartnerSettings()
    assembly = Assembly(
        name="partner",
        title="Roadworthy partners",
        settings=settings,
        clock=clock or SystemClock(),
        keys=keys,
    )
    database, password = assembly.database, settings.signing_keys_password.get_secret_value()
    keyring = Keyring(database, password)
    hashing = Hashing()
    policy = Policy(
        issuer=settings.auth_issuer,
        audience=settings.auth_audience,
        access_lifetime=timedelta(seconds=settings.access_token_seconds),
        refresh_lifetime=timedelta(days=settings.refresh_token_days),
    )
    app = assembly.app(keyring)
    router = side_by_side(
        oauth.build(TokenService(database, keyring, hashing, policy), keyring),
        partners.build(database, ClientSecrets(hashing, password)),
    )
    forget = Worker("forgetting", partial(housekeeping.forget, database), every=FORGET_SECONDS)
    return assembly.service(app, router, [forget], keys=keyring)
