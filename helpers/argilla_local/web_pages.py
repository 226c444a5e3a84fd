"""What the pages of Argilla's UI lack, mended as they are served. Runs in the server's environment.

* Filters in a link: the UI separates values by dots and tildes, and cannot tell those inside a value; in a
  search it takes an underscore for a space. Here values are escaped (as by `helpers.annotation.links`).
* A proxy that serves them under a path of its own, as jupyter-server-proxy does: it names the path in a
  header, and the pages are given it for their base.
"""

import re
from pathlib import Path

import argilla_server
from argilla_server import app
from argilla_server.static_rewrite import RewriteStaticFiles
from starlette.datastructures import Headers
from starlette.responses import FileResponse, Response
from starlette.types import Scope

from helpers.argilla_local.errors import ServerVersionError

BASE_URL = "@@baseUrl@@"
ORIGINALS = Path(argilla_server.__file__).parent / "static"
MEDIA_TYPES = {".html": "text/html", ".js": "text/javascript"}

_PREFIX = re.compile(r"(?:/[\w.~@%:+-]+)+")
_CRITERIA = re.compile(r"function MetadataCriteria\(.*function PageCriteria\(", re.DOTALL)
_JOINED = re.compile(r"""(\b\w(?:\.values)?)(?:\.map\(\(function\(e\)\{return e\}\)\))?\.join\("\."\)""")
_ESCAPES = r"""
window.escapeValue=function(v){return String(v).replace(/[%.~]/g,function(c){
return "%"+c.charCodeAt(0).toString(16).toUpperCase()})};
window.unescapeValue=function(v){return v.replace(/%(25|2E|7E)/g,decodeURIComponent)};
"""
_SPACES_WRITTEN, _SPACES_READ = '.replaceAll(" ","_")', '"_"===t&&'


def mend_pages() -> None:
    """Mend the served copy of the pages; to be called once argilla_server is imported."""
    mount = next(route for route in app.routes if getattr(route, "name", None) == "static")
    folder = Path(mount.app.directory)
    mended = [path for path in folder.glob("_nuxt/*.js") if _mend_filters(path)]
    if not mended:
        raise ServerVersionError(f"No page of Argilla's UI in {folder} reads filters.")
    mount.app = _Pages(directory=folder, html=True, check_dir=False)


def _mend_filters(path: Path) -> bool:
    script = path.read_text(encoding="utf-8")
    criteria = _CRITERIA.search(script)
    if criteria is None:
        return False
    mended = criteria[0].replace('e.split(".")', 'e.split(".").map(unescapeValue)')
    mended = _JOINED.sub(r'\1.map(escapeValue).join(".")', mended)
    script = script.replace(criteria[0], mended)
    script = script.replace(_SPACES_WRITTEN, "").replace(_SPACES_READ, "!1&&")
    path.write_text(_ESCAPES + script, encoding="utf-8")
    return True


class _Pages(RewriteStaticFiles):  # type: ignore[misc]  # mypy does not see argilla_server
    """The pages, under the path of a proxy where the request comes through one."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response: Response = await super().get_response(path, scope)
        prefix = Headers(scope=scope).get("x-forwarded-prefix", "")
        if not _PREFIX.fullmatch(prefix) or not isinstance(response, FileResponse):
            return response
        original = ORIGINALS / Path(response.path).relative_to(str(self.directory))
        if original.suffix not in MEDIA_TYPES:
            return response
        text = original.read_text(encoding="utf-8")
        if BASE_URL not in text:
            return response
        return Response(text.replace(BASE_URL, prefix), media_type=MEDIA_TYPES[original.suffix])
