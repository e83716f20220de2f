"""Requests as browsers and odd programs send them to a page, and what they must get."""

from __future__ import annotations

import httpx

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
LARGE = b"name=" + b"x" * 262_144

NO_FORMS = ("application/json", "text/plain", "application/xml", "")


def is_a_page(answer: httpx.Response, status: int) -> None:
    """See that an answer is a page that says something, may run nothing, and gives nothing away."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "<h1" in answer.text
    assert "pydantic" not in answer.text.lower()
