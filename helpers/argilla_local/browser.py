"""Where a browser finds what listens on this machine: it may run on another one."""

import json
import os
import sys
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit


def browser_url(url: str) -> str:
    """Return the URL under which the reader's browser finds a server that listens on this machine.

    In Colab, in a JupyterHub (Binder is one) and on a distant Jupyter server, only proxies lead from the
    browser to the ports of the machine. Jupyter's is the package ``jupyter-server-proxy``; where it is
    installed, the URL is a path on the server that shows the notebook. Everywhere else it stays as it is.
    """
    parts = urlsplit(url)
    if parts.hostname not in ("127.0.0.1", "localhost"):
        return url
    rest = url.split(parts.netloc, 1)[1]
    if "google.colab" in sys.modules:
        from google.colab import output

        proxy = output.eval_js(f"google.colab.kernel.proxyPort({parts.port}, {{'cache': true}})")
        return f"{proxy.rstrip('/')}{rest}"
    base = _jupyter_base() if find_spec("jupyter_server_proxy") else None
    return url if base is None else f"{base.rstrip('/')}/proxy/{parts.port}{rest}"


def is_notebook() -> bool:
    """Tell whether this process is the kernel of a notebook."""
    if "IPython" not in sys.modules:
        return False
    from IPython import get_ipython

    shell = get_ipython()
    return shell is not None and shell.has_trait("kernel")


def is_watched() -> bool:
    """Tell whether a person sits before this notebook: one who could be asked for input.

    Tools that execute notebooks (papermill, nbconvert, nbclient) take no input. They also store what widgets
    show, which a notebook in the browser does not.
    """
    if not is_notebook():
        return False
    from IPython import get_ipython

    return bool(getattr(get_ipython().kernel, "_allow_stdin", False))


def _jupyter_base() -> str | None:
    """Return the path under which Jupyter serves, where this process is one of its kernels."""
    if not is_notebook():
        return None
    hub = os.environ.get("JUPYTERHUB_SERVICE_PREFIX")
    if hub:
        return hub
    from jupyter_core.paths import jupyter_runtime_dir

    # Each server writes down where it is, under its process id, which its kernels know.
    server = Path(jupyter_runtime_dir(), f"jpserver-{os.environ.get('JPY_PARENT_PID')}.json")
    return str(json.loads(server.read_text())["base_url"]) if server.is_file() else None
