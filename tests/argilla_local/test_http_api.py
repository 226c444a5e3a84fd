import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from helpers.argilla_local.errors import RemoteError
from helpers.argilla_local.http_api import HttpApi


@pytest.fixture(scope="module")
def some_website():
    class Page(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"<h1>Welcome</h1>")

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Page) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def problem(url, key="k", path="me"):
    with HttpApi(url, key) as api, pytest.raises(RemoteError) as caught:
        api.get(path)
    return str(caught.value)


def test_nobody_there(some_website):
    assert problem("http://127.0.0.1:9").startswith("No server answers at http://127.0.0.1:9 (")
    assert problem("example.org").startswith("No server answers at example.org (")
    with pytest.raises(RemoteError, match="is no URL"):
        HttpApi("http://[", "k")


def test_no_argilla(some_website):
    assert problem(some_website) == f"What answers at {some_website} is no Argilla: correct the URL."


def test_a_wrong_key(local_argilla):
    assert "does not know the key" in problem(local_argilla.url)


def test_a_refusal_says_what_the_server_says(local_argilla):
    key = local_argilla.client.api_key
    assert "answered 404 to GET nowhere" in problem(local_argilla.url, key, "nowhere")


@pytest.mark.parametrize("key", ["s\u00e9cret", "secret\n"])
def test_a_key_that_cannot_be_one(key):
    with pytest.raises(RemoteError, match="has characters that no key has"):
        HttpApi("https://example.org", key)
