"""What the tests of entities share."""

from collections.abc import Callable

import pytest
import spacy
from spacy.tokens import Doc, Span

Spans = list[tuple[int, int, str]]


@pytest.fixture(scope="session")
def make_doc() -> Callable[..., Doc]:
    """Make a document from words in one string, gold entities (None: unknown) and groups of spans."""
    vocab = spacy.blank("en").vocab

    def make(words: str, gold: Spans | None = None, **groups: Spans) -> Doc:
        tokens = words.split()
        doc = Doc(vocab, words=tokens, spaces=[True] * (len(tokens) - 1) + [False])
        if gold is not None:
            doc.set_ents([Span(doc, *each) for each in gold], default="outside")
        for name, spans in groups.items():
            doc.spans[name] = [Span(doc, *each) for each in spans]
        return doc

    return make
