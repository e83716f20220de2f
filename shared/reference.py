"""The page that shows an app's OpenAPI document, with nothing fetched from elsewhere."""

from __future__ import annotations

from pathlib import Path

import fastapi_offline
from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse
from starlette.staticfiles import StaticFiles

FILES = Path(fastapi_offline.__file__).parent / "static"


def serve(app: FastAPI, path: str, document: str) -> None:
    """Serve Swagger UI at a path, its files out of a wheel."""
    app.mount(f"{path}/files", StaticFiles(directory=FILES))

    @app.get(path, include_in_schema=False)
    async def page() -> HTMLResponse:
        return get_swagger_ui_html(
            openapi_url=document,
            title=app.title,
            swagger_js_url=f"{path}/files/swagger-ui-bundle.js",
            swagger_css_url=f"{path}/files/swagger-ui.css",
            swagger_favicon_url=f"{path}/files/favicon.png",
            # Each call shows its own; a list of all of them is longer than all calls.
            swagger_ui_parameters={"defaultModelsExpandDepth": 0},
        )
