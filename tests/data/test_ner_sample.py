"""The bundled wire news sample: its annotations hold, and its prose is prose."""

import re
from collections import Counter, defaultdict
from itertools import pairwise

import pytest

from helpers.data.bracketed import parse, write
from helpers.data.conll2003 import LABELS, SAMPLE, load_conll2003, load_conll2003_gold
from helpers.data.sources import Source

CLITICS = ("'s", "'S", "n't")
ABBREVIATION = re.compile(r"([A-Za-z]\.)+|\d+\.|Calif\.")
REGULAR = re.compile(r"[\d./:+-]+")


def lines(name: str) -> list[str]:
    return (SAMPLE / f"{name}.txt").read_text(encoding="utf-8").splitlines()


GOLD = {name: [parse(line) for line in lines(name)] for name in ("train_gold", "validation")}
SENTENCES = [(f"{name}:{number}", *each) for name in GOLD for number, each in enumerate(GOLD[name], 1)]


def prose(tokens: list[str]) -> list[str]:
    """Return the words of a sentence, none of a result line, a standing, a scorecard or a caption."""
    return [token.lower() for token in tokens if token.isalpha()] if tokens[-1] in (".", '"') else []


def iob2(tokens: list[str], entities: list) -> list[str]:
    tags = ["O"] * len(tokens)
    for start, end, label in entities:
        tags[start:end] = [f"B-{label}"] + [f"I-{label}"] * (end - start - 1)
    return tags


def test_the_size():
    assert len(GOLD["train_gold"]) == 525
    assert len(GOLD["validation"]) == 315


def test_training_sentences_without_entities_are_those_with_them():
    assert lines("train") == [write(tokens) for tokens, _ in GOLD["train_gold"]]


@pytest.mark.parametrize("name", GOLD)
def test_lines_are_as_they_would_be_written(name):
    assert lines(name) == [write(*sentence) for sentence in GOLD[name]]


def test_every_span():
    for where, tokens, entities in SENTENCES:
        assert tokens, where
        assert " ".join(tokens).isascii(), where
        end = 0
        for entity in entities:
            assert end <= entity.start < entity.end <= len(tokens), (where, entity)
            assert entity.label in LABELS, (where, entity)
            name = " ".join(tokens[entity.start : entity.end])
            assert any(map(str.isupper, name)), (where, name)
            end = entity.end


def test_tags_are_valid_iob2():
    for where, tokens, entities in SENTENCES:
        tags = iob2(tokens, entities)
        for previous, tag in pairwise(["O", *tags]):
            assert tag[0] != "I" or previous[1:] == tag[1:], (where, tags)


def test_documents_hold_the_same_spans():
    source = Source("bundled")
    docs = {"train_gold": load_conll2003_gold(source), "validation": load_conll2003(source).validation}
    for name, sentences in GOLD.items():
        for doc, (tokens, entities) in zip(docs[name], sentences, strict=True):
            assert doc.text == " ".join(tokens)
            assert [(each.start, each.end, each.label_) for each in doc.ents] == entities
            for each in doc.ents:
                assert doc.text[each.start_char : each.end_char] == " ".join(tokens[each.start : each.end])


def test_tokens_are_cut_as_in_conll():
    for where, tokens, _ in SENTENCES:
        for token in tokens:
            if len(token) == 1 or token == "--" or ABBREVIATION.fullmatch(token):
                continue
            assert not set(token) & set('()"?!;'), (where, token)
            assert token[-1] not in ",:.'", (where, token)
            assert not token.endswith(CLITICS) or token in CLITICS, (where, token)
            assert "$" not in token[:-1], (where, token)


def test_no_two_prose_sentences_are_near_copies():
    trigrams = {}
    for where, tokens, _ in SENTENCES:
        words = prose(tokens)
        if len(words) >= 6:
            trigrams[where] = set(zip(words, words[1:], words[2:], strict=False))
    assert len(trigrams) > 400
    holders = defaultdict(list)
    for where, own in trigrams.items():
        for trigram in own:
            holders[trigram].append(where)
    shared = Counter(
        (first, second) for where in holders.values() for first in where for second in where if first < second
    )
    copies = [
        pair for pair, n in shared.items() if n > 0.5 * min(len(trigrams[pair[0]]), len(trigrams[pair[1]]))
    ]
    assert copies == []


def test_a_name_has_one_label_unless_two_are_meant():
    """A town and its club share a name; a person and a place, say, do not."""
    labels = defaultdict(set)
    for _, tokens, entities in SENTENCES:
        for start, end, label in entities:
            labels[" ".join(tokens[start:end]).casefold()].add(label)
    doubtful = {name: found for name, found in labels.items() if len(found) > 1 and found != {"LOC", "ORG"}}
    assert doubtful == {}


def test_a_name_seen_once_is_annotated_everywhere():
    """Names of several words stand for nothing else, so where they occur they are entities."""
    known = {
        tuple(tokens[start:end])
        for _, tokens, entities in SENTENCES
        for start, end, _ in entities
        if end - start > 1
    }
    missed = []
    for where, tokens, entities in SENTENCES:
        inside = {position for start, end, _ in entities for position in range(start, end)}
        for start in range(len(tokens)):
            for end in range(start + 2, min(start + 6, len(tokens)) + 1):
                if tuple(tokens[start:end]) in known and not inside & set(range(start, end)):
                    missed.append((where, tokens[start:end]))
    assert missed == []


@pytest.mark.parametrize("name", GOLD)
def test_the_kinds_of_lines_are_mixed(name):
    """Wire news is half prose; the published functions live on the other half."""
    sentences = GOLD[name]
    n_standings = sum(
        len(tokens) > 5 and all(REGULAR.fullmatch(token) for token in tokens[-5:]) for tokens, _ in sentences
    )
    n_results = sum(len(entities) == 2 and tokens[-1].isdigit() for tokens, entities in sentences)
    n_datelines = sum(bool(re.fullmatch(r"1996-\d\d-\d\d", tokens[-1])) for tokens, _ in sentences)
    n_prose = sum(len(prose(tokens)) >= 6 for tokens, _ in sentences)
    assert n_prose / len(sentences) > 0.45
    assert n_standings / len(sentences) > 0.06
    assert n_results / len(sentences) > 0.04
    assert n_datelines / len(sentences) > 0.03


def test_every_label_is_there_in_numbers():
    for sentences in GOLD.values():
        counts = Counter(entity.label for _, entities in sentences for entity in entities)
        assert set(counts) == set(LABELS)
        assert min(counts.values()) > 0.1 * counts.total()
