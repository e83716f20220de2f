"""The page that shows an app's OpenAPI document, with nothing fetched from elsewhere."""

from __future__ import annotations

from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse
from starlette.staticfiles import StaticFiles
from swagger_ui_bundle import swagger_ui_path


def serve(app: FastAPI, path: str, document: str) -> None:
    """Serve Swagger UI at a path, its files out of a wheel."""
    app.mount(f"{path}/files", StaticFiles(directory=swagger_ui_path))

    @app.get(path, include_in_schema=False)
    async def page() -> HTMLResponse:
        return get_swagger_ui_html(
            openapi_url=document,
            title=app.title,
            swagger_js_url=f"{path}/files/swagger-ui-bundle.js",
            swagger_css_url=f"{path}/files/swagger-ui.css",
            swagger_favicon_url=f"{path}/files/favicon-32x32.png",
        )
