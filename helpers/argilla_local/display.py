"""Showing an Argilla where the reader is: Jupyter, Colab or a terminal."""

import sys
from html import escape
from urllib.parse import urlsplit


def show(url: str, username: str, password_command: str, height: int) -> None:
    """Show the link, the user name and the command that prints the password; in a notebook, the page too."""
    if "google.colab" in sys.modules:
        _show_in_colab(url, username, password_command, height)
    elif _is_notebook():
        _show_in_jupyter(url, username, password_command, height)
    else:
        print(f"Argilla: {url}\nUser name: {username}\nPassword: run `{password_command}`")


def _show_in_jupyter(url: str, username: str, password_command: str, height: int) -> None:
    from IPython.display import HTML, IFrame, display

    link = f'<a href="{escape(url)}" target="_blank">{escape(url)}</a>'
    display(HTML(f"Argilla: {link}<br>{_sign_in(username, password_command)}"), IFrame(url, "100%", height))


def _show_in_colab(url: str, username: str, password_command: str, height: int) -> None:
    # A Colab runtime is another machine: only Colab's own proxy leads to its ports.
    from google.colab import output
    from IPython.display import HTML, display

    port = urlsplit(url).port
    display(HTML(_sign_in(username, password_command)))
    output.serve_kernel_port_as_window(port, anchor_text="Open Argilla in a new tab")
    output.serve_kernel_port_as_iframe(port, height=height)


def _sign_in(username: str, password_command: str) -> str:
    return (
        f"User name: <code>{escape(username)}</code>, password: run "
        f"<code>{escape(password_command)}</code> in a terminal (in a notebook, behind an exclamation mark)."
    )


def _is_notebook() -> bool:
    if "IPython" not in sys.modules:
        return False
    from IPython import get_ipython

    shell = get_ipython()
    return shell is not None and shell.has_trait("kernel")
