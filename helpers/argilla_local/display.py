"""Showing an Argilla, or a link into it, where the reader is: Jupyter, Colab or a terminal.

What is shown in a notebook is a widget's: its value, in which a one-time sign-in may stand, is not saved with
the notebook, and `strip` drops it from refreshed ones.
"""

from html import escape
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from helpers.argilla_local.browser import browser_url, is_notebook, is_watched

if TYPE_CHECKING:
    from helpers.argilla_local.handle import LocalArgilla

_WIDGET = "application/vnd.jupyter.widget-view+json"
# Inside a widget, JupyterLab shows links like any text.
_STYLE = "text-decoration: underline; color: var(--jp-content-link-color, #1a73e8)"


def show(server: "LocalArgilla", password_command: str, height: int) -> None:
    """Show the link, the user name and the command that prints the password; in a notebook, the page too."""
    plain = (
        f"Argilla: {browser_url(server.url)}\nUser name: {server.username}\n"
        f"Password: run `{password_command}` in a terminal"
    )
    if not is_notebook():
        print(plain)
        return
    frame = f'<iframe src="{escape(_target(server.url, server))}" width="100%" height="{height}"></iframe>'
    _show_html(
        f"{_anchor('Open Argilla in a new tab', server.url, server)}<br>"
        "This link and the page below sign in by themselves, once and within minutes. For another time run "
        f"the cell again, or sign in as <code>{escape(server.username)}</code>; in a terminal, this prints "
        f"the password:<br><code>{escape(password_command)}</code><br>{frame}",
        plain,
    )


def show_link(text: str, url: str, server: "LocalArgilla | None") -> None:
    """Show a link under a text that says what it opens; one into `server` signs in."""
    plain = f"{text}: {browser_url(url)}"
    if is_notebook():
        _show_html(_anchor(text, url, server), plain)
    else:
        print(plain)


def _anchor(text: str, url: str, server: "LocalArgilla | None") -> str:
    href = escape(_target(url, server))
    return f'<a href="{href}" target="_blank" rel="noopener" style="{_STYLE}">{escape(text)}</a>'


def _target(url: str, server: "LocalArgilla | None") -> str:
    """Return where a browser finds a page: by way of a one-time sign-in, where a person sits before it."""
    if server is None or not is_watched():
        return browser_url(url)
    parts = urlsplit(url)
    page = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return browser_url(f"{server.url}{server.sign_in_path(page)}")


def _show_html(html: str, plain: str) -> None:
    from IPython.display import display
    from ipywidgets import HTML  # type: ignore[import-untyped]

    view = {"model_id": HTML(html).model_id, "version_major": 2, "version_minor": 0}
    display({_WIDGET: view, "text/plain": plain}, raw=True)
