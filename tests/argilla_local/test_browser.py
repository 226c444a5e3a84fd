"""Where a browser finds the server: through the proxies of Colab and Jupyter, where these are."""

import json
import sys
import types
import urllib.request
from importlib.machinery import ModuleSpec

import pytest

from helpers.argilla_local import browser
from helpers.argilla_local.browser import browser_url

URL = "http://127.0.0.1:6900/dataset/1?page=1#x=http://127.0.0.1:6900"


@pytest.fixture
def kernel(monkeypatch):
    monkeypatch.setattr(browser, "is_notebook", lambda: True)
    monkeypatch.setattr(browser, "find_spec", lambda name: ModuleSpec(name, None))
    monkeypatch.delenv("JUPYTERHUB_SERVICE_PREFIX", raising=False)


def test_here_and_elsewhere_urls_stay_as_they_are(kernel, monkeypatch):
    assert browser_url(URL) == URL
    monkeypatch.setenv("JUPYTERHUB_SERVICE_PREFIX", "/user/ada/")
    assert browser_url("https://argilla.example.org/x") == "https://argilla.example.org/x"


def test_colab_has_a_proxy(monkeypatch):
    asked = []
    output = types.SimpleNamespace(eval_js=lambda code: asked.append(code) or "https://abc.colab.example/")
    monkeypatch.setitem(sys.modules, "google.colab", types.SimpleNamespace(output=output))
    assert browser_url(URL) == "https://abc.colab.example/dataset/1?page=1#x=http://127.0.0.1:6900"
    assert asked == ["google.colab.kernel.proxyPort(6900, {'cache': true})"]


def test_jupyterhub_has_one_where_it_is_installed(kernel, monkeypatch):
    monkeypatch.setenv("JUPYTERHUB_SERVICE_PREFIX", "/user/ada/")
    assert browser_url(URL).startswith("/user/ada/proxy/6900/dataset/1?page=1#")
    monkeypatch.setattr(browser, "find_spec", lambda name: None)
    assert browser_url(URL) == URL


def test_a_jupyter_server_says_where_it_is(kernel, monkeypatch, tmp_path):
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setenv("JPY_PARENT_PID", "17")
    (tmp_path / "jpserver-17.json").write_text(json.dumps({"base_url": "/lab-of-ada/"}))
    assert browser_url(URL).startswith("/lab-of-ada/proxy/6900/dataset/1?page=1#")


@pytest.mark.parametrize("path", ["/", "/dataset/1/settings", "/_nuxt/9511d27.js", "/_nuxt/0280bb9.js"])
def test_pages_know_the_path_of_a_proxy(local_argilla, path):
    def page(prefix=""):
        request = urllib.request.Request(f"{local_argilla.url}{path}", headers={"X-Forwarded-Prefix": prefix})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.read().decode()

    direct = page()
    proxied = page("/user/ada/proxy/6900")
    assert "/user/ada/proxy/6900/" in proxied
    assert proxied.replace("/user/ada/proxy/6900/", "/") == direct
    assert page('/"><script>') == direct
