"""Deciding of a line, by HTTP."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from services.quote.domain.authorization import Authorization, How
from services.quote.handlers.deciding import Said
from shared.inputs import Body, Line


class AuthorizedByInput(Body):
    """Whose word it is, and how it was given; a workshop that records it says both."""

    name: Annotated[Line, Field(examples=["Dana Reyes"])] | None = None
    how: Literal[How.API, How.PHONE, How.EMAIL, How.IN_PERSON] | None = None


class LineDecision(Body):
    """What becomes of a line."""

    authorization: Literal[Authorization.AUTHORIZED, Authorization.DECLINED]
    authorized_by: AuthorizedByInput | None = None

    def said(self) -> Said:
        """Read whose word it is, as the handler knows it."""
        by = self.authorized_by
        return Said(by.how, by.name) if by else Said()
