"""A door for browsers: a one-time code signs in the user who had it made. Runs in the server's environment.

Whoever has an API key has a code made (`MINT`), and opens `PAGE` with it in the fragment of the URL, which a
browser sends to nobody and no log holds. The page, where nobody is signed in yet, exchanges the code
(`EXCHANGE`) for what the sign-in form would have got, keeps it where Argilla's UI does, and goes on.
"""

from typing import Annotated

from argilla_server import app
from argilla_server.api.routes import api_v1
from argilla_server.api.schemas.v1.oauth2 import Token
from argilla_server.contexts import accounts
from argilla_server.database import get_async_db
from argilla_server.errors import UnauthorizedError
from argilla_server.models import User
from argilla_server.security import auth
from fastapi import Depends, Form, Security
from fastapi.responses import HTMLResponse
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.routing import Route

from helpers.argilla_local.one_time_codes import OneTimeCodes

MINT, EXCHANGE, PAGE = "/me/sign-in-codes", "/sign-in-codes/exchange", "/sign-in-once"


def open_door() -> None:
    """Add the page and the two requests to the application; to be called once argilla_server is imported."""
    codes = OneTimeCodes()

    async def mint(user: Annotated[User, Security(auth.get_current_user)]) -> dict[str, str]:
        return {"code": codes.make(user.id)}

    async def exchange(
        code: Annotated[str, Form()], db: Annotated[AsyncSession, Depends(get_async_db)]
    ) -> Token:
        user_id = codes.use(code)
        user = None if user_id is None else await User.get(db, user_id)
        if user is None:
            raise UnauthorizedError()
        return Token(access_token=accounts.generate_user_token(user))

    async def page(_: object) -> HTMLResponse:
        return HTMLResponse(_PAGE, headers={"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"})

    for path, answer in ((MINT, mint), (EXCHANGE, exchange)):
        api_v1.add_api_route(path, answer, methods=["POST"], status_code=201, include_in_schema=False)
    # Before the pages of the UI, which take every path that is left.
    app.router.routes.insert(0, Route(PAGE, page))


_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Argilla: sign in</title></head>
<body style="font-family: sans-serif; margin: 3em">
<p id="said">Signing in ...</p>
<p><a id="on" hidden></a></p>
<script>
const here = location.href;
const say = (words, way) => {
  document.getElementById("said").textContent = words;
  Object.assign(document.getElementById("on"), {...way, hidden: false});
};
(async () => {
  const base = location.pathname.slice(0, -"PAGE".length);
  const given = new URLSearchParams(location.hash.slice(1));
  history.replaceState(null, "", location.pathname);
  let next = new URL(base + (given.get("next") || "/"), location.origin);
  if (next.origin !== location.origin) next = new URL(base + "/", location.origin);
  const stored = name => localStorage.getItem("auth." + name);
  const store = (name, value) => localStorage.setItem("auth." + name, value);
  const token = stored("_token.local");
  const isIn = token && token.startsWith("Bearer ") &&
    (await fetch(base + "/api/v1/me", {headers: {Authorization: token}})).ok;
  if (!isIn) {
    const answer = await fetch(base + "/api/v1EXCHANGE",
      {method: "POST", body: new URLSearchParams({code: given.get("code") || ""})});
    if (!answer.ok) {
      say("This sign-in has been used, or it is too old. For a new one run the cell that showed it.",
        {textContent: "Sign in with user name and password", href: next.href});
      return;
    }
    const fresh = (await answer.json()).access_token;
    const claims = JSON.parse(atob(fresh.split(".")[1].replaceAll("-", "+").replaceAll("_", "/")));
    store("strategy", "local");
    store("_token.local", "Bearer " + fresh);
    store("_token_expiration.local", String(claims.exp * 1000));
  }
  location.replace(next);
})().catch(error => say(
  // Of a page inside one of another site (localhost is one), browsers keep nothing. The code is unused then.
  `Nobody can be signed in here (${error.message}).`,
  {textContent: "Open it in a tab of its own", href: here, target: "_blank"}
));
</script></body></html>
""".replace("PAGE", PAGE).replace("EXCHANGE", EXCHANGE)
