"""Refusals that are both: an error of RFC 6749 and a problem of RFC 9457, in one body."""

from __future__ import annotations

from shared.problems import Problem


def oauth_problem(
    status: int, error: str, description: str, *, headers: dict[str, str] | None = None
) -> Problem:
    """Make a problem that is an RFC 6749 error as well."""
    members = {"error": error, "error_description": description}
    code = error.replace("_", "-")
    return Problem(status, code, description, extra=members, headers=headers or {})


def unknown_client() -> Problem:
    """Make the 401 that doesn't tell which of id and secret is wrong."""
    challenge = {"WWW-Authenticate": 'Basic realm="roadworthy"'}
    detail = "The client id or its secret is not right."
    return oauth_problem(401, "invalid_client", detail, headers=challenge)


def wait_first(seconds: int) -> Problem:
    """Make the 429 for a client that failed too often."""
    detail = "Too many failed authentications of this client. Wait, then try again."
    return oauth_problem(429, "slow_down", detail, headers={"Retry-After": str(seconds)})


def busy() -> Problem:
    """Make the 503 for one login too many at a time."""
    detail = "Too many clients log in just now. Try again."
    return oauth_problem(503, "temporarily_unavailable", detail, headers={"Retry-After": "1"})
