"""An off-the-shelf model to compare with: spaCy's ``en_core_web_md`` as it is."""

from collections.abc import Sequence
from importlib.util import find_spec

from spacy.tokens import Doc, Span

from helpers.ner.patterns import words

MODEL = "en_core_web_md"
INSTALL = f"python -m spacy download {MODEL}"

ONTONOTES = {
    "ORG": "ORG",
    "PERSON": "PER",
    "GPE": "LOC",
    "LOC": "LOC",
    "FAC": "LOC",
    "NORP": "MISC",
    "EVENT": "MISC",
    "LANGUAGE": "MISC",
    "LAW": "MISC",
    "PRODUCT": "MISC",
    "WORK_OF_ART": "MISC",
}
"""CoNLL-2003's labels for those of OntoNotes, which the model was trained on; figures and dates have none."""


def annotate_off_the_shelf(docs: Sequence[Doc], layer: str = "baseline", model: str = MODEL) -> bool:
    """Write the entities of an installed spaCy model into ``doc.spans[layer]``, or say how to install it.

    Parameters
    ----------
    docs
        Documents, which are changed.
    layer
        The key of ``doc.spans``.
    model
        The name of the model's package.

    Returns
    -------
    bool
        Whether the model is installed. Where it is not, a sentence with the command is printed.
    """
    if find_spec(model) is None:
        print(f"No baseline: {model} is not installed. With a connection: {INSTALL}")
        return False
    import spacy

    nlp = spacy.load(model)
    copies = (Doc(nlp.vocab, words=words(doc)) for doc in docs)
    for doc, found in zip(docs, nlp.pipe(copies), strict=True):
        doc.spans[layer] = [
            Span(doc, ent.start, ent.end, ONTONOTES[ent.label_])
            for ent in found.ents
            if ent.label_ in ONTONOTES
        ]
    return True
