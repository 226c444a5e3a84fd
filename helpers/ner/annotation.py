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
from helpers.ner.spans import GOLD, entity_labels
from helpers.values import is_missing
from helpers.weak_supervision import ABSTAIN
from helpers.weak_supervision.rules import rule_name

RESERVED = frozenset({GOLD, "majority", "hmm"})
"""Names that functions may not have: gold goes by the first, and aggregations are kept under the others."""


def guarded(function: LabelingFunction, labels: Sequence[str]) -> LabelingFunction:
    """Wrap a labeling function so that it can neither stop the others nor leave spans that cannot be.

    What it yields is dropped, with a warning that names it, where it lies outside the document or has an
    unknown label; silently, where it overlaps a span that it has yielded before, and where its label is
    missing or `ABSTAIN`. A function that returns one of these instead of spans has found none. Where it
    raises, what it yielded before that counts. Each function is warned about once.
    """
    name = rule_name(function)
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
            found = function(doc)
            for start, end, label in () if _is_abstention(found) else found:
                if _is_abstention(label):
                    continue
                if not 0 <= start < end <= len(doc):
                    complain(
                        doc, f"yielded the span ({start}, {end}), which is not within the {len(doc)} tokens"
                    )
                elif label not in labels:
                    complain(doc, f"yielded the label {label!r}, which is not one of {list(labels)}")
                elif taken.isdisjoint(range(start, end)):
                    taken.update(range(start, end))
                    yield int(start), int(end), str(label)
        except Exception as error:
            complain(doc, f"raised {type(error).__name__}: {error}")

    return find_spans


def _is_abstention(value: object) -> bool:
    return is_missing(value) or (isinstance(value, int) and value == ABSTAIN)


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
        Two functions share a name, or one has the name of gold or an aggregation.
    UnknownEntityLabelError
        A label of the schema is no text, or blank.
    """
    if not docs:
        raise NoDocumentsError("There are no documents to annotate.")
    labels = entity_labels(labels)
    tiers = [list(tier) for tier in tiers]
    names = [rule_name(function) for tier in tiers for function in tier]
    taken = RESERVED.intersection(names)
    if taken:
        raise DuplicatedFunctionNameError(
            f"A labeling function is called {', '.join(map(repr, sorted(taken)))}, a name that is reserved. "
            "Give it another."
        )
    earlier = list(after)
    repeated = [name for name, count in Counter([*earlier, *names]).items() if count > 1]
    if repeated:
        raise DuplicatedFunctionNameError(f"More than one labeling function is called {', '.join(repeated)}.")
    combined = CombinedAnnotator()
    for tier in tiers:
        for function in tier:
            combined.add_annotator(
                FunctionAnnotator(rule_name(function), guarded(function, labels), to_exclude=tuple(earlier))
            )
        earlier += map(rule_name, tier)
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
