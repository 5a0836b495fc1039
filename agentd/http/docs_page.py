"""The documents of the faces at ``/openapi/``, and at ``/docs/`` a page in which each can be read and tried.

The page is Swagger UI, whose files the package swagger-ui-py carries; it needs nothing from any other host, and its
policy would let it have nothing. Anybody may read all this: it says what agentd takes, and nothing of what it does.
"""

# mypy: allow-untyped-calls
# (Twisted's HTTP classes carry no annotations.)

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import distribution
from pathlib import Path

from twisted.web.http import CACHED
from twisted.web.iweb import IRequest
from twisted.web.resource import IResource, Resource

from agentd.http.answers import JSON, json_text
from agentd.http.openapi import Document
from agentd.http.site import Missing, Root

__all__ = ["POLICY", "api_pages"]

POLICY = (
    b"default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    b"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""What the page may do. (Swagger UI sets styles of its own on what it draws.)"""

_YAML = b"application/yaml"
_SCRIPT = b"text/javascript; charset=utf-8"

_FILES = {
    "swagger-ui.css": b"text/css; charset=utf-8",
    "swagger-ui-bundle.js": _SCRIPT,
    "swagger-ui-standalone-preset.js": _SCRIPT,
    "favicon-32x32.png": b"image/png",
}
"""What the page needs of the package."""

_PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>agentd: the APIs</title>
<link rel="stylesheet" href="swagger-ui.css">
<link rel="icon" type="image/png" href="favicon-32x32.png">
</head>
<body>
<div id="page"></div>
<script src="swagger-ui-bundle.js"></script>
<script src="swagger-ui-standalone-preset.js"></script>
<script src="start.js"></script>
</body>
</html>
"""

_START = """\
SwaggerUIBundle({
  dom_id: "#page",
  urls: %s,
  presets: [SwaggerUIBundle.presets.apis, SwaggerUIStandalonePreset],
  layout: "StandaloneLayout",
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  filter: true,
  tryItOutEnabled: true,
  validatorUrl: null,
});
"""


class _Leaf(Resource):
    """Something with nothing below it."""

    def getChild(self, path: bytes, request: IRequest) -> Resource:  # noqa: ARG002
        """Nothing."""
        return Missing()


class _Page(_Leaf):
    """A text that stays the same."""

    def __init__(self, text: str, kind: bytes, policy: bytes | None = None) -> None:
        super().__init__()
        self._body = text.encode("utf-8")
        self._kind = kind
        self._policy = policy

    def render_GET(self, request: IRequest) -> bytes:
        """It."""
        request.setHeader(b"Content-Type", self._kind)
        if self._policy is not None:
            request.setHeader(b"Content-Security-Policy", self._policy)
        return self._body


class _File(_Leaf):
    """A file of the package; browsers keep it until the package is another one."""

    def __init__(self, path: Path, kind: bytes, version: str) -> None:
        super().__init__()
        self._path = path
        self._kind = kind
        self._tag = f'"{version}"'.encode()

    def render_GET(self, request: IRequest) -> bytes:
        """It, or 304."""
        request.setHeader(b"Content-Type", self._kind)
        request.setHeader(b"Cache-Control", b"no-cache")  # to be asked for again, with its tag
        return b"" if request.setETag(self._tag) is CACHED else self._path.read_bytes()


class _Folder(Root):
    """A folder with a page of its own, to which its bare name leads."""

    def __init__(self, name: str, page: Resource) -> None:
        super().__init__()
        self._name = name
        self.putChild(b"", page)

    def render(self, request: IRequest) -> bytes:
        """The way to it, relative, since a proxy may have the host under a path of its own."""
        request.setResponseCode(302)
        request.setHeader(b"Location", f"{self._name}/".encode())
        return b""


def api_pages(documents: Sequence[Document]) -> dict[str, IResource]:
    """Give the resources for the documents of the faces that one listener serves, and for their page."""
    return {"openapi": _documents(documents), "docs": _docs(documents)}


def _documents(documents: Sequence[Document]) -> Resource:
    index = [
        {
            "name": each.name,
            "title": each.title,
            "json": f"/openapi/{each.name}.json",
            "yaml": f"/openapi/{each.name}.yml",
        }
        for each in documents
    ]
    folder = _Folder("openapi", _Page(json_text({"documents": index}), JSON))
    for each in documents:
        folder.putChild(f"{each.name}.json".encode(), _Page(each.json, JSON))
        folder.putChild(f"{each.name}.yml".encode(), _Page(each.yaml, _YAML))
    return folder


def _docs(documents: Sequence[Document]) -> Resource:
    package = distribution("swagger-ui-py")
    folder = _Folder("docs", _Page(_PAGE, b"text/html; charset=utf-8", POLICY))
    for name, kind in _FILES.items():
        path = Path(str(package.locate_file(f"swagger_ui/static/{name}")))
        folder.putChild(name.encode(), _File(path, kind, package.version))
    urls = [{"name": each.title, "url": f"../openapi/{each.name}.json"} for each in documents]
    folder.putChild(b"start.js", _Page(_START % json_text(urls), _SCRIPT))
    return folder
