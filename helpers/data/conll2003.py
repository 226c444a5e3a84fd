"""CoNLL-2003: wire news with named entities, from the Hub, from a folder, or the sample of this project.

E. F. Tjong Kim Sang, F. De Meulder. Introduction to the CoNLL-2003 Shared Task: Language-Independent Named
Entity Recognition. CoNLL 2003.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from helpers.data.bracketed import Entity, parse
from helpers.data.errors import (
    BracketError,
    EmptyTextError,
    LengthMismatchError,
    TagSequenceError,
    UnknownLabelError,
)
from helpers.data.sources import Source
from helpers.data.tables import class_names, read_table

if TYPE_CHECKING:
    import pyarrow as pa
    from spacy.tokens import Doc
    from spacy.vocab import Vocab

LABELS = ("PER", "ORG", "LOC", "MISC")
"""Persons, organizations, places, and names of other things such as peoples, competitions and products."""

HUB_NAME = "eriktks/conll2003"
# The repository itself holds a loading script, which `datasets` no longer runs; the Hub keeps this copy.
HUB_REVISION = "refs/convert/parquet"
SAMPLE = Path(__file__).parent / "samples" / "ner"

_TAGS = ("O", *(f"{prefix}-{label}" for label in LABELS for prefix in "BI"))

Sentence: TypeAlias = tuple[list[str], list[Entity] | None]
"""Tokens and entities; None where they are not to be known."""


@dataclass(frozen=True)
class NerCorpus:
    """Sentences in two splits, the entities of the training split held back.

    Attributes
    ----------
    labels
        The types of entities.
    train
        One document a sentence, without entities, see :func:`load_conll2003_gold`.
    validation
        One document a sentence, with the gold entities as its ``ents``.
    """

    labels: tuple[str, ...]
    train: list[Doc]
    validation: list[Doc]


def load_conll2003(source: Source) -> NerCorpus:
    """Load the sentences of both splits and the entities of the validation split; print origin and number.

    Parameters
    ----------
    source
        What :func:`~helpers.data.sources.choose_source` returned. A folder holds
        ``conll2003/train.parquet`` and ``conll2003/validation.parquet`` with the columns ``tokens`` and
        ``ner_tags`` (IOB2, as class ids or names).

    Raises
    ------
    DataFileError
        A file is missing or cannot be read.
    MissingColumnError
        A file lacks a column.
    EmptyTextError
        A sentence has no tokens, or a token no text.
    LengthMismatchError
        A sentence has not one tag per token.
    UnknownLabelError
        A tag is none of IOB2 over `LABELS`.
    TagSequenceError
        A tag continues an entity that is not there.
    BracketError
        A line of the bundled sample cannot be read.
    HubLoadError
        The Hub does not deliver.
    """
    corpus = NerCorpus(LABELS, _load(source, "train"), _load(source, "validation", gold=True))
    name = (
        "the bundled wire news sample"
        if source.kind == "bundled"
        else f"CoNLL-2003 ({source.origin(HUB_NAME)})"
    )
    print(
        f"Loaded {name}: {len(corpus.train):,} training sentences without entities and"
        f" {len(corpus.validation):,} validation sentences with entities of {len(LABELS)} types."
    )
    return corpus


def load_conll2003_gold(source: Source) -> list[Doc]:
    """Load the training sentences with entities, for the simulated annotator and the final scoring only.

    Returns
    -------
    list of Doc
        In the order of :attr:`NerCorpus.train`, with the gold entities as ``ents``.

    Raises
    ------
    DataError
        As :func:`load_conll2003`.
    """
    return _load(source, "train", gold=True)


def _load(source: Source, split: str, gold: bool = False) -> list[Doc]:
    if source.kind == "bundled":
        sentences = _sample(split, gold)
    else:
        columns = ["tokens", "ner_tags"] if gold else ["tokens"]
        file, table = read_table(source, "conll2003", HUB_NAME, split, columns, HUB_REVISION)
        sentences = _sentences(file, table, gold)
    return [_doc(*sentence, _vocab()) for sentence in sentences]


def _sample(split: str, gold: bool) -> Iterator[Sentence]:
    file = SAMPLE / ("train_gold.txt" if split == "train" and gold else f"{split}.txt")
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
        where = f"Line {number} of samples/ner/{file.name}"
        try:
            tokens, entities = parse(line)
        except BracketError as error:
            raise BracketError(f"{where}: {error}") from error
        if not tokens:
            raise EmptyTextError(f"{where} is empty. Remove it.")
        unknown = [entity.label for entity in entities if entity.label not in LABELS]
        if unknown:
            raise UnknownLabelError(
                f"{where} has the label {unknown[0]!r}, which is not one of {list(LABELS)}."
            )
        yield tokens, entities if gold else None


def _sentences(file: str, table: pa.Table, gold: bool) -> Iterator[Sentence]:
    rows = table["tokens"].to_pylist()
    tags = _tag_names(table) if gold else [None] * len(rows)
    for number, (tokens, sentence_tags) in enumerate(zip(rows, tags, strict=True)):
        where = f"Sentence {number} of {file}"
        if not isinstance(tokens, list) or not tokens or not all(map(_is_token, tokens)):
            raise EmptyTextError(
                f"{where} has no tokens in a list, or one without text: {tokens!r}. Remove or mend it."
            )
        yield tokens, None if sentence_tags is None else _entities(where, tokens, sentence_tags)


def _tag_names(table: pa.Table) -> Iterator[list[str]]:
    """Return each sentence's tags as names; the file itself may say what its class ids mean."""
    names = class_names(table, "ner_tags") or _TAGS
    by_id: dict[Any, str] = dict(enumerate(names))
    for tags in table["ner_tags"].to_pylist():
        if not isinstance(tags, list):
            yield []
        else:
            # What is no tag is named as it is when the tags are read.
            yield [str(tag if isinstance(tag, bool | list | dict) else by_id.get(tag, tag)) for tag in tags]


def _is_token(token: Any) -> bool:
    return isinstance(token, str) and bool(token.strip())


def _entities(where: str, tokens: Sequence[str], tags: Sequence[str]) -> list[Entity]:
    if len(tags) != len(tokens):
        raise LengthMismatchError(
            f"{where} has {len(tokens)} tokens and {len(tags)} tags: give each token its tag. {tokens}"
        )
    unknown = [tag for tag in tags if tag not in _TAGS]
    if unknown:
        raise UnknownLabelError(f"{where} has the tag {unknown[0]!r}, which is not one of {list(_TAGS)}.")
    entities: list[Entity] = []
    for position, tag in enumerate(tags):
        prefix, _, label = tag.partition("-")
        if prefix == "B":
            entities.append(Entity(position, position + 1, label))
        elif prefix == "I":
            if not entities or entities[-1][1:] != (position, label):
                raise TagSequenceError(
                    f"{where}: the tag {tag!r} of token {position} ({tokens[position]!r}) continues no"
                    f" entity: in IOB2 an entity starts with 'B-{label}'."
                )
            entities[-1] = entities[-1]._replace(end=position + 1)
    return entities


@cache
def _vocab() -> Vocab:
    """Return one vocabulary for all documents, so that they can be compared and stored together."""
    import spacy

    return spacy.blank("en").vocab


def _doc(tokens: Sequence[str], entities: Iterable[Entity] | None, vocab: Vocab) -> Doc:
    from spacy.tokens import Doc, Span

    # No space after the last token, so that the text is as a server that strips texts would return it.
    doc = Doc(vocab, words=list(tokens), spaces=[True] * (len(tokens) - 1) + [False])
    if entities is not None:
        # With the default "outside" a sentence without entities counts as annotated.
        doc.set_ents([Span(doc, *entity) for entity in entities], default="outside")
    return doc
