"""spaCy documents as Argilla records with spans, and back.

Documents know spans by tokens, Argilla by UTF-16 code units, as browsers count: here, and nowhere else, one
becomes the other. What a record does not hold, the tokens, is taken from
the documents again, so that the way there and back changes nothing.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias, TypedDict

from helpers.annotation import most_given, submitted
from helpers.ner.errors import NerError
from helpers.ner.offsets import Utf16Offsets
from helpers.ner.spans import GOLD, has_gold, refuse_overlaps, spans_of

if TYPE_CHECKING:
    from uuid import UUID

    import argilla as rg
    from spacy.tokens import Doc, Span

FIELD, QUESTION = "text", "spans"
DOC_INDEX, FUNCTION = "doc_index", "labelling_function"
NO_FUNCTION = "none fired"
MOST_SHOWN = 5

# What Argilla's server takes.
_AGENT = re.compile(r"(?=.*[a-zA-Z0-9])[a-zA-Z0-9_:./\s-]{1,200}", re.ASCII)


class SpanValue(TypedDict):
    """A span as Argilla has it: from UTF-16 code unit `start` up to, not including, code unit `end`."""

    label: str
    start: int
    end: int


_Key: TypeAlias = tuple[int, int, str]


class EmptyDocumentError(NerError):
    """A document has no text."""


class AgentNameError(NerError):
    """The name of a function or aggregator is none that Argilla takes for an agent."""


class DocumentMismatchError(NerError):
    """A record does not belong to these documents."""


class MisalignedSpanError(NerError):
    """A span of a record starts or ends inside a token, or outside the text."""


def ner_settings(
    client: rg.Argilla, labels: Sequence[str], *, guidelines: str | None = None, min_submitted: int = 1
) -> rg.Settings:
    """Return the settings of a dataset in which spans of texts get labels.

    There are two metadata properties to filter by: ``doc_index``, the document's position, and
    ``labelling_function``. `min_submitted` is as in `helpers.annotation.text_classification_settings`.
    """
    import argilla as rg

    return rg.Settings(
        fields=[rg.TextField(FIELD, client=client)],
        questions=[rg.SpanQuestion(QUESTION, field=FIELD, labels=list(labels), client=client)],
        metadata=[
            rg.IntegerMetadataProperty(DOC_INDEX, client=client),
            rg.TermsMetadataProperty(FUNCTION, client=client),
        ],
        guidelines=guidelines,
        distribution=rg.TaskDistribution(min_submitted=min_submitted),
    )


def function_settings(client: rg.Argilla, labels: Sequence[str]) -> rg.Settings:
    """Return the settings of a dataset of `function_records`: those of spans, and a field with the gold."""
    import argilla as rg

    settings = ner_settings(client, labels)
    settings.fields.add(rg.TextField(GOLD, required=False, client=client))
    return settings


def gold_records(
    docs: Sequence[Doc], labels: Sequence[str], *, user_id: UUID | None = None
) -> list[rg.Record]:
    """Return a record per document, with its gold spans.

    Parameters
    ----------
    docs
        Documents; those without gold become records without spans.
    labels
        The schema.
    user_id
        Whose response the gold spans are. By default nobody's: they are a suggestion of the agent ``gold``.

    Raises
    ------
    EmptyDocumentError
        A document has no text.
    UnknownEntityLabelError
        A span has a label outside the schema.
    """
    return [
        document_record(
            index,
            doc,
            labels,
            agent=GOLD if user_id is None and has_gold(doc) else None,
            user_id=user_id,
        )
        for index, doc in enumerate(docs)
    ]


def suggestion_records(docs: Sequence[Doc], labels: Sequence[str], agent: str) -> list[rg.Record]:
    """Return a record per document, with the spans of one aggregator, function or model as suggestion.

    Parameters
    ----------
    docs
        Documents with the spans in ``doc.spans[agent]``; those without this group become records without a
        suggestion.
    labels
        The schema.
    agent
        The aggregator, and so on.

    Raises
    ------
    AgentNameError
        Argilla does not take this name.
    EmptyDocumentError
        A document has no text.
    UnknownEntityLabelError, OverlappingSpansError
        A span has a label outside the schema, or two share a token.
    """
    return [
        document_record(index, doc, labels, agent=agent if agent in doc.spans else None)
        for index, doc in enumerate(docs)
    ]


def function_records(
    docs: Sequence[Doc],
    labels: Sequence[str],
    functions: Sequence[str],
) -> list[rg.Record]:
    """Return a record per document and labeling function that fired, and the documents all have missed.

    The function is the agent of the suggested spans, and the record's metadata name it, to filter by in the
    web UI. Documents that have gold and on which no function fired are there with ``none fired`` in the
    place of the function. The gold spans stand in words in the field ``gold``: as a response, they would take
    the records out of sight.

    Parameters
    ----------
    docs
        Documents with the spans of each function in ``doc.spans``.
    labels
        The schema.
    functions
        The functions' names.

    Raises
    ------
    AgentNameError
        Argilla does not take the name of a function.
    EmptyDocumentError
        A document has no text.
    UnknownEntityLabelError, OverlappingSpansError
        A span has a label outside the schema, or two of a function share a token.
    """
    records = []
    for index, doc in enumerate(docs):
        fired = [name for name in functions if doc.spans.get(name)]
        for name in fired or ([NO_FUNCTION] if has_gold(doc) else []):
            record = document_record(index, doc, labels, agent=name if fired else None)
            if fired:
                record.id = f"{index}/{name}"
            record.metadata[FUNCTION] = name
            if has_gold(doc):
                record.fields[GOLD] = _in_words(doc.ents)
            records.append(record)
    return records


def _in_words(spans: Sequence[Span]) -> str:
    return "\n".join(f"{span.label_} {span.text!r}" for span in spans) or "no names"


def document_record(
    index: int,
    doc: Doc,
    labels: Sequence[str],
    *,
    agent: str | None = None,
    user_id: UUID | None = None,
) -> rg.Record:
    """Return one document as a record, whose id is its position.

    Parameters
    ----------
    index
        Its position among the documents.
    agent
        Whose spans are suggested, if any.
    user_id
        Whose response its gold spans are, if they are wanted and there.

    Raises
    ------
    NerError
        As the functions that return many records.
    """
    import argilla as rg

    if not doc.text.strip():
        raise EmptyDocumentError(f"Document {index} has no text. Leave it out.")
    record = rg.Record(id=str(index), fields={FIELD: doc.text}, metadata={DOC_INDEX: index})
    if agent is not None:
        if not _AGENT.fullmatch(agent):
            raise AgentNameError(
                f"Argilla does not take {agent!r} for an agent's name. Use letters, digits, '-_:./' and"
                " spaces."
            )
        record.suggestions.add(
            rg.Suggestion(QUESTION, _values(doc, spans_of(index, doc, agent, labels)), agent=agent)
        )
    if user_id is not None and has_gold(doc):
        gold = _values(doc, spans_of(index, doc, GOLD, labels))
        record.responses.add(rg.Response(QUESTION, gold, user_id=user_id, status="submitted"))
    return record


def gold_answers(docs: Sequence[Doc]) -> dict[str, list[SpanValue]]:
    """Return the gold spans by the id of each document's record, as the simulated annotator takes them."""
    return {str(index): _values(doc, doc.ents) for index, doc in enumerate(docs) if has_gold(doc)}


def docs_from_records(records: Iterable[rg.Record], docs: Sequence[Doc]) -> dict[int, Doc]:
    """Return the documents that records are about, with the spans that these hold.

    Parameters
    ----------
    records
        Records of the functions above, fresh or from the server, with suggestions and responses.
    docs
        The documents that they were made from. They are left as they are.

    Returns
    -------
    dict of int to Doc
        New documents by position. Their ``ents`` are the spans that most of the submitted responses to a
        document give; on a tie, or without responses, what the agent ``gold`` suggests; else unknown. The
        suggestions of other agents are in ``doc.spans``.

    Raises
    ------
    DocumentMismatchError
        A record has no document, or one with another text.
    MisalignedSpanError
        Spans are not made of whole tokens of their documents; the records are named.
    OverlappingSpansError
        Two spans of one suggestion or response share a token.
    """
    found: dict[int, Doc] = {}
    answers: dict[int, dict[tuple[_Key, ...], list[str]]] = defaultdict(lambda: defaultdict(list))
    misaligned: list[str] = []
    for record in records:
        index = _index(record, docs)
        doc = found.setdefault(index, _without_spans(docs[index]))
        for suggestion in record.suggestions:
            spans, odd = _spans(index, doc, _keys(suggestion.value), suggestion.agent)
            misaligned += [
                f"Document {index}, {suggestion.agent!r} on record {record.id!r}: {each}" for each in odd
            ]
            if suggestion.agent == GOLD:
                doc.set_ents(spans, default="outside")
            else:
                doc.spans[suggestion.agent] = spans
        for value in submitted(record.responses[QUESTION]):
            answers[index][_keys(value)].append(record.id)
    for index, given in answers.items():
        agreed = most_given(keys for keys, ids in given.items() for _ in ids)
        if agreed is not None:
            spans, odd = _spans(index, found[index], agreed, "a response")
            misaligned += [
                f"Document {index}, a response to record {given[agreed][0]!r}: {each}" for each in odd
            ]
            found[index].set_ents(spans, default="outside")
    if misaligned:
        raise MisalignedSpanError(
            f"{len(misaligned)} spans are not made of whole tokens. Correct them in Argilla. "
            f"{'; '.join(misaligned[:MOST_SHOWN])}{'; ...' if len(misaligned) > MOST_SHOWN else ''}"
        )
    return dict(sorted(found.items()))


def _values(doc: Doc, spans: Iterable[Span]) -> list[SpanValue]:
    offsets = Utf16Offsets(doc.text)
    return [
        {"label": span.label_, "start": offsets.units(span.start_char), "end": offsets.units(span.end_char)}
        for span in spans
    ]


def _keys(values: Iterable[Any]) -> tuple[_Key, ...]:
    """Return spans as what can be compared and counted."""
    return tuple(sorted((value["start"], value["end"], value["label"]) for value in values))


def _index(record: rg.Record, docs: Sequence[Doc]) -> int:
    index = record.metadata.get(DOC_INDEX)
    if not isinstance(index, int) or not 0 <= index < len(docs):
        raise DocumentMismatchError(
            f"The record {record.id!r} has the {DOC_INDEX} {index!r}, and there are {len(docs)} documents."
            " Give the documents that the records were made from."
        )
    if record.fields.get(FIELD) != docs[index].text:
        raise DocumentMismatchError(
            f"The record {record.id!r} is about {record.fields.get(FIELD)!r}, and document {index} is"
            f" {docs[index].text!r}. Give the documents that the records were made from."
        )
    return index


def _without_spans(doc: Doc) -> Doc:
    from spacy.tokens import Doc

    return Doc(
        doc.vocab, words=[token.text for token in doc], spaces=[bool(token.whitespace_) for token in doc]
    )


def _spans(index: int, doc: Doc, keys: Iterable[_Key], whose: str) -> tuple[list[Span], list[str]]:
    """Return the spans of these places, and in words those places that are not made of whole tokens."""
    spans, odd = [], []
    offsets = Utf16Offsets(doc.text)
    for first, last, label in keys:
        start, end = offsets.character(first), offsets.character(last)
        span = None
        if start is not None and end is not None and start < end:
            span = doc.char_span(start, end, label=label)
        if span is None:
            odd.append(f"{offsets.between(first, last)!r} ({label}, {first} to {last})")
        else:
            spans.append(span)
    refuse_overlaps(index, spans, whose)
    return spans, odd
