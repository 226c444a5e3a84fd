"""Run labeling functions on documents with skweak, and keep going where one misbehaves."""

import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from skweak.base import CombinedAnnotator
from skweak.heuristics import FunctionAnnotator
from spacy.tokens import Doc
from tqdm.auto import tqdm

from helpers.ner.consistency import Names, number_stories
from helpers.ner.corpus_functions import LINE_FUNCTIONS, NAME_FUNCTIONS
from helpers.ner.errors import DuplicatedFunctionNameError, LabelingFunctionWarning, NoDocumentsError
from helpers.ner.patterns import LabeledSpan, LabelingFunction


def guarded(function: LabelingFunction, labels: Sequence[str]) -> LabelingFunction:
    """Wrap a labeling function so that it can neither stop the others nor leave spans that cannot be.

    What it yields is dropped, with a warning that names it, where it lies outside the document or has an
    unknown label; silently, where it overlaps a span that it has yielded before. Where it raises, what it
    yielded before that counts. Each function is warned about once.
    """
    name = function.__name__
    warned = False

    def complain(doc: Doc, what: str) -> None:
        nonlocal warned
        if not warned:
            warned = True
            shown = doc.text if len(doc.text) < 60 else doc.text[:60] + "..."
            warnings.warn(
                f"The labeling function {name!r} {what} on {shown!r}. What is wrong is left out; "
                "the other functions and documents are not affected.",
                LabelingFunctionWarning,
                stacklevel=2,
            )

    def find_spans(doc: Doc) -> Iterator[LabeledSpan]:
        taken: set[int] = set()
        try:
            for start, end, label in function(doc):
                if not 0 <= start < end <= len(doc):
                    complain(
                        doc, f"yielded the span ({start}, {end}), which is not within the {len(doc)} tokens"
                    )
                elif label not in labels:
                    complain(doc, f"yielded the label {label!r}, which is not one of {list(labels)}")
                elif taken.isdisjoint(range(start, end)):
                    taken.update(range(start, end))
                    yield start, end, label
        except Exception as error:
            complain(doc, f"raised {type(error).__name__}: {error}")

    return find_spans


def annotate(
    docs: Sequence[Doc],
    tiers: Sequence[Sequence[LabelingFunction]],
    labels: Sequence[str],
    *,
    after: Iterable[str] = (),
) -> list[str]:
    """Run labeling functions; the spans of each become ``doc.spans[name]``.

    Parameters
    ----------
    docs
        Documents, which are changed.
    tiers
        Functions by how much they know. A function says nothing where one of an earlier tier has spoken.
    labels
        The schema.
    after
        Sources that have annotated the documents before and come before the first tier.

    Returns
    -------
    list of str
        The names of the functions.

    Raises
    ------
    NoDocumentsError
        There are no documents.
    DuplicatedFunctionNameError
        Two functions share a name.
    """
    if not docs:
        raise NoDocumentsError("There are no documents to annotate.")
    names = [function.__name__ for tier in tiers for function in tier]
    earlier = list(after)
    repeated = [name for name, count in Counter([*earlier, *names]).items() if count > 1]
    if repeated:
        raise DuplicatedFunctionNameError(f"More than one labeling function is called {', '.join(repeated)}.")
    combined = CombinedAnnotator()
    for tier in tiers:
        for function in tier:
            combined.add_annotator(
                FunctionAnnotator(function.__name__, guarded(function, labels), to_exclude=tuple(earlier))
            )
        earlier += [function.__name__ for function in tier]
    for doc in tqdm(docs, desc="Labeling functions", unit=" docs", delay=3):
        combined(doc)
    return names


def annotate_corpus(docs: Sequence[Doc], labels: Sequence[str]) -> list[str]:
    """Run all the functions shaped to the corpus, and those that look beyond a sentence.

    Parameters
    ----------
    docs
        All documents, in the order of the corpus; they are changed. No gold entity is read.
    labels
        The schema.

    Returns
    -------
    list of str
        The names of the functions.
    """
    number_stories(docs)
    lines = annotate(docs, [LINE_FUNCTIONS], labels)
    in_sport = annotate(docs, [[Names(docs, lines).clubs_in_sport]], labels, after=lines)
    names = annotate(docs, [NAME_FUNCTIONS], labels, after=[*lines, *in_sport])
    found = [*lines, *in_sport, *names]
    beyond = annotate(docs, [[f] for f in Names(docs, found).functions()], labels, after=found)
    return [*found, *beyond]
