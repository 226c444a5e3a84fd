import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import datasets
import pytest

from helpers.data import conll2003
from helpers.data.conll2003 import LABELS, load_conll2003, load_conll2003_gold
from helpers.data.errors import (
    BracketError,
    DataFileError,
    EmptyTextError,
    LengthMismatchError,
    MissingColumnError,
    TagSequenceError,
    UnknownLabelError,
)
from helpers.data.sources import Source

IDS = ["O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC", "B-MISC", "I-MISC"]
TRAIN = {"tokens": [["Ann", "Li", "won", "."], ["Rain"]], "ner_tags": [[1, 2, 0, 0], [0]]}
VALIDATION = {"tokens": [["Oslo", "Ajax", "City"]], "ner_tags": [[5, 3, 4]]}
Write = Callable[..., Source]


def class_ids(*names: str) -> datasets.Features:
    return datasets.Features(
        tokens=datasets.List(datasets.Value("string")),
        ner_tags=datasets.List(datasets.ClassLabel(names=list(names))),
    )


def parquet(columns: dict[str, Any], features: datasets.Features | None) -> bytes:
    buffer = io.BytesIO()
    datasets.Dataset.from_dict(columns, features=features).to_parquet(buffer)
    return buffer.getvalue()


@pytest.fixture
def folder(tmp_path: Path) -> Write:
    def write(train: Any = TRAIN, validation: Any = VALIDATION, features: Any = None) -> Source:
        (tmp_path / "conll2003").mkdir()
        for split, columns in (("train", train), ("validation", validation)):
            (tmp_path / "conll2003" / f"{split}.parquet").write_bytes(parquet(columns, features))
        return Source("folder", tmp_path)

    return write


def entities(doc: Any) -> list[tuple[str, str]]:
    return [(each.text, each.label_) for each in doc.ents]


@pytest.mark.parametrize("features", [None, class_ids(*IDS)])
def test_a_folder_with_class_ids(folder, capsys, features):
    source = folder(features=features)
    corpus = load_conll2003(source)
    assert corpus.labels == ("PER", "ORG", "LOC", "MISC")
    assert [doc.text for doc in corpus.train] == ["Ann Li won .", "Rain"]
    assert [entities(doc) for doc in corpus.validation] == [[("Oslo", "LOC"), ("Ajax City", "ORG")]]
    sizes = "2 training sentences without entities and 1 validation sentences with entities of 4 types.\n"
    assert capsys.readouterr().out == f"Loaded CoNLL-2003 ({source.folder}): {sizes}"


def test_training_entities_come_apart(folder):
    source = folder()
    held_back, gold = load_conll2003(source).train, load_conll2003_gold(source)
    assert [entities(doc) for doc in gold] == [[("Ann Li", "PER")], []]
    assert [list(map(str, doc)) for doc in gold] == [list(map(str, doc)) for doc in held_back]
    # A sentence without entities is annotated all the same.
    assert [doc.has_annotation("ENT_IOB") for doc in gold] == [True, True]
    assert [doc.has_annotation("ENT_IOB") for doc in held_back] == [False, False]
    assert gold[0].vocab is held_back[0].vocab


def test_training_texts_load_without_tags(folder):
    source = folder(train={"tokens": [["a"]]})
    assert len(load_conll2003(source).train) == 1
    with pytest.raises(MissingColumnError, match=r"train\.parquet has no column 'ner_tags'"):
        load_conll2003_gold(source)


def test_a_folder_with_tag_names(folder):
    source = folder(validation={"tokens": [["Ann", "Oslo"]], "ner_tags": [["B-PER", "B-LOC"]]})
    assert entities(load_conll2003(source).validation[0]) == [("Ann", "PER"), ("Oslo", "LOC")]


def test_a_file_says_itself_what_its_class_ids_mean(folder):
    source = folder(features=class_ids("B-ORG", *IDS[1:3], "O", *IDS[4:]))
    assert entities(load_conll2003_gold(source)[1]) == [("Rain", "ORG")]


def test_a_missing_file_is_named(folder):
    source = folder()
    (source.folder / "conll2003" / "validation.parquet").unlink()
    with pytest.raises(DataFileError, match=r"must hold conll2003/validation\.parquet"):
        load_conll2003(source)


@pytest.mark.parametrize("column", ["tokens", "ner_tags"])
def test_a_missing_column_is_named(folder, column):
    source = folder(validation={key: value for key, value in VALIDATION.items() if key != column})
    with pytest.raises(MissingColumnError, match=rf"validation\.parquet has no column '{column}'"):
        load_conll2003(source)


@pytest.mark.parametrize(
    ("tokens", "tags", "error", "message"),
    [
        ([], [], EmptyTextError, "has no tokens"),
        (None, [], EmptyTextError, "has no tokens"),
        (["a", " "], [0, 0], EmptyTextError, "or one without text: \\['a', ' '\\]"),
        (["a", None], [0, 0], EmptyTextError, "one without text"),
        (["a", "b"], [0], LengthMismatchError, "has 2 tokens and 1 tags"),
        (["a"], None, LengthMismatchError, "has 1 tokens and 0 tags"),
        (["a"], [9], UnknownLabelError, "has the tag '9', which is not one of \\['O', 'B-PER'"),
        (["a"], ["B-GPE"], UnknownLabelError, "the tag 'B-GPE'"),
        (["a"], ["PER"], UnknownLabelError, "the tag 'PER'"),
        (["a", "b"], [0, 2], TagSequenceError, "'I-PER' of token 1 \\('b'\\) continues no entity.*'B-PER'"),
        (["a", "b"], [1, 4], TagSequenceError, "'I-ORG' of token 1"),
        (["a", "b", "c"], [1, 0, 2], TagSequenceError, "'I-PER' of token 2"),
    ],
)
def test_a_bad_sentence_is_named(folder, tokens, tags, error, message):
    good: list[Any] = ["O"] if tags and isinstance(tags[0], str) else [0]
    source = folder(validation={"tokens": [["x"], tokens], "ner_tags": [good, tags]})
    with pytest.raises(error, match=rf"Sentence 1 of .*validation\.parquet.*{message}"):
        load_conll2003(source)


@pytest.mark.parametrize(
    ("line", "error", "message"),
    [
        ("[PER Ann won", BracketError, "is not closed"),
        ("[PRE Ann] won", UnknownLabelError, "the label 'PRE'"),
        ("", EmptyTextError, "is empty"),
    ],
)
def test_a_slip_in_correcting_the_sample_is_named(tmp_path, monkeypatch, line, error, message):
    monkeypatch.setattr(conll2003, "SAMPLE", tmp_path)
    (tmp_path / "train_gold.txt").write_text(f"[PER Bo] lost .\n{line}\n")
    with pytest.raises(error, match=rf"Line 2 of samples/ner/train_gold\.txt.*{message}"):
        load_conll2003_gold(Source("bundled"))


def test_the_bundled_sample_needs_nothing_else(capsys):
    corpus = load_conll2003(Source("bundled"))
    assert {each.label_ for doc in corpus.validation for each in doc.ents} == set(LABELS)
    assert len(load_conll2003_gold(Source("bundled"))) == len(corpus.train)
    assert capsys.readouterr().out.startswith("Loaded the bundled wire news sample: 525 training sentences")
