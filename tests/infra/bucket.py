"""A bucket at its socket: as much of S3's protocol as storing, reading and removing takes."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count

from aiohttp import web

MULTIPART = "<InitiateMultipartUploadResult><UploadId>{}</UploadId></InitiateMultipartUploadResult>"
DONE = "<CompleteMultipartUploadResult><ETag>x</ETag></CompleteMultipartUploadResult>"


@dataclass
class Bucket:
    """What is in it, by path."""

    endpoint: str = ""
    objects: dict[str, bytes] = field(default_factory=dict)
    parts: dict[str, dict[int, bytes]] = field(default_factory=dict)
    is_down: bool = False
    _numbers: count[int] = field(default_factory=count)

    async def answer(self, request: web.Request) -> web.Response:
        """Answer one call."""
        if self.is_down:
            return web.Response(status=503)
        upload = request.query.get("uploadId", "")
        if "delete" in request.query:
            keys = re.findall("<Key>(.+?)</Key>", await request.text())
            for key in keys:
                self.objects.pop(f"{request.path}/{key}", None)
            gone = "".join(f"<Deleted><Key>{key}</Key></Deleted>" for key in keys)
            return web.Response(text=f"<DeleteResult>{gone}</DeleteResult>")
        match request.method, upload:
            case "POST", "":
                started = str(next(self._numbers))
                self.parts[started] = {}
                return web.Response(text=MULTIPART.format(started))
            case "POST", _:
                parts = self.parts.pop(upload)
                self.objects[request.path] = b"".join(parts[each] for each in sorted(parts))
                return web.Response(text=DONE)
            case "PUT", "":
                self.objects[request.path] = await request.read()
            case "PUT", _:
                self.parts[upload][int(request.query["partNumber"])] = await request.read()
            case "DELETE", _:
                self.parts.pop(upload, None)
            case "GET", _:
                found = self.objects.get(request.path)
                if found is None:
                    return web.Response(status=404)
                headers = {"ETag": "x", "Last-Modified": "Mon, 23 Nov 2026 00:00:00 GMT"}
                return web.Response(body=found, headers=headers)
        return web.Response(headers={"ETag": "x"})


@asynccontextmanager
async def bucket() -> AsyncIterator[Bucket]:
    """Serve an empty bucket on loopback."""
    made = Bucket()
    app = web.Application(client_max_size=64 * 1024 * 1024)
    app.router.add_route("*", "/{path:.*}", made.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.endpoint = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield made
    finally:
        await runner.cleanup()
