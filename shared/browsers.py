"""Pages for people: whether one is wanted, and what browsers and their like ask of it."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.routing import APIRoute

from shared.negotiation import by_liking, preferred
from shared.problems import MEDIA_TYPE, Problem

HTML = "text/html"


def is_at(request: Request, prefix: str) -> bool:
    """Tell whether a request is for a page below a path, and its reader takes HTML."""
    path = request.scope["path"]
    if path != prefix and not path.startswith(f"{prefix}/"):
        return False
    liked = by_liking(request.headers.get("accept"))
    return preferred(liked, (HTML, MEDIA_TYPE, "application/json")) == HTML


def status_of(problem: Problem) -> int:
    """Return a page's status: an address that can't be anybody's is of nothing that is there."""
    of_path = [error.pointer.startswith("/path/") for error in problem.errors]
    return 404 if of_path and all(of_path) else problem.status


def answer_head(router: APIRouter) -> None:
    """Let what can be read be asked for by HEAD too, as scanners and previews of links do."""
    for route in router.routes:
        if isinstance(route, APIRoute) and route.methods and "GET" in route.methods:
            route.methods.add("HEAD")
