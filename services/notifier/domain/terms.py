"""The terms on which an endpoint is sent to, as its owner chose them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

MAX_WINDOW = 100
MAX_RATE = 1000


class DeliveryMode(StrEnum):
    """What of a subject is delivered: each of its events, or its latest state alone."""

    ALL = "all"
    LATEST = "latest"


class SignatureKind(StrEnum):
    """What deliveries are signed with: the shared secret (`v1`), or a private key as well."""

    V1 = "v1"
    V1A = "v1a"


@dataclass(frozen=True, slots=True)
class Terms:
    """`window` is how many may be in flight at once; None leaves it to the operator's setting."""

    ordered: bool = False
    delivery: DeliveryMode = DeliveryMode.ALL
    rate_per_second: int | None = None
    window: int | None = None
    signature: SignatureKind = SignatureKind.V1

    @property
    def by_subject(self) -> bool:
        """Tell whether a subject's deliveries go one after the other; its latest state alone does.

        An older state that is still on its way would else arrive after the newer one.
        """
        return self.ordered or self.delivery is DeliveryMode.LATEST
