"""Static word vectors distilled from the sentence encoder, in the place of those of ``en_core_web_md``.

The encoder reads each word as a sentence of its own. What it gives is the same in every context, which is all
that a small model on a CPU can afford to look up.

P. Gupta, M. Jaggi. Obtaining Better Static Word Embeddings Using Contextual Embedding Models. ACL 2021.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import spacy
from spacy.tokens import Doc
from spacy.vectors import Vectors  # type: ignore[import-not-found]

from helpers.data.encoder import encode
from helpers.ner.errors import NoDocumentsError
from helpers.ner.patterns import words

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

DIMENSIONS = 128


def distill_vectors(encoder: "SentenceTransformer", docs: Iterable[Doc], folder: Path) -> Path:
    """Encode the words of documents and save them as a spaCy pipeline with vectors and nothing else.

    Parameters
    ----------
    encoder
        What :func:`~helpers.data.encoder.load_encoder` returned; it does not tell capitals from others.
    docs
        All documents, those to be labeled later as well: no gold entity is read. Figures get no vector.
    folder
        Where to save to.

    Returns
    -------
    Path
        The folder, for :func:`~helpers.ner.training.train`.

    Raises
    ------
    NoDocumentsError
        No document has a word.
    """
    forms = sorted({word for doc in docs for word in words(doc) if any(map(str.isalpha, word))})
    if not forms:
        raise NoDocumentsError("No document has a word with a letter: there is nothing to make vectors of.")
    vocabulary = sorted({form.lower() for form in forms})
    data = encode(encoder, vocabulary)
    data -= data.mean(axis=0)
    # The principal components: eigenvectors of the covariance, the largest last.
    components = np.linalg.eigh(data.T @ data)[1][:, ::-1][:, :DIMENSIONS]
    data = np.ascontiguousarray(data @ components, dtype=np.float32)
    data /= np.maximum(np.linalg.norm(data, axis=1, keepdims=True), 1e-9)
    nlp = spacy.blank("en")
    vectors = Vectors(strings=nlp.vocab.strings, data=data, name="distilled")
    row = {word: i for i, word in enumerate(vocabulary)}
    for form in forms:
        vectors.add(nlp.vocab.strings.add(form), row=row[form.lower()])
    nlp.vocab.vectors = vectors
    folder.parent.mkdir(parents=True, exist_ok=True)
    nlp.to_disk(folder)
    return folder
