"""How a quote is answered with."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path

from shared.contracts import QuoteV1
from shared.idempotency import Answer

QuoteId = Annotated[str, Path(max_length=64)]


def created(quote: QuoteV1) -> Answer:
    """Answer with a new quote, and where it is."""
    return Answer(201, quote.model_dump_json().encode(), {"Location": f"/v1/quotes/{quote.id}"})


def shown(quote: QuoteV1) -> Answer:
    """Answer with a quote as it stands."""
    return Answer(200, quote.model_dump_json().encode())
