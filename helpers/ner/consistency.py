"""Labeling functions that look beyond a sentence: the same name in the same story, and in the whole corpus.

The sentences of the news follow one another; a story begins with a headline, then comes a dateline. A name
means one thing in a story, so a sentence that says nothing about it can borrow the label from one that does.
skweak has such functions for long documents; here each is one sentence, and the stories are found first.

W. Gale, K. Church, D. Yarowsky. One Sense per Discourse. HLT 1992.
P. Lison, J. Barnes, A. Hubin. skweak: Weak Supervision Made Easy for NLP. ACL 2021.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

from spacy.tokens import Doc

from helpers.ner.facts import EVENTS, INSTITUTIONS, NOT_NAMES, ORDINARY_FIRST_WORDS, TITLES, WIRES
from helpers.ner.gazetteers import cities, countries, nationalities
from helpers.ner.patterns import (
    LabeledSpan,
    LabelingFunction,
    capitalized_runs,
    in_mixed_case,
    phrases,
    words,
)

STORY = "story"
"""Key of the story's number in a document's ``user_data``."""

SPORT = "sport"
"""Key of whether the story is about sport."""

RESULT_LINES = ("standings", "match_lines", "fixtures", "cricket_scores")
"""The functions that know clubs by the lines they stand in."""

DATELINE = re.compile(r"(?:[A-Z].* )?\d{4}-\d\d-\d\d$")
TOPIC = re.compile(r"[A-Z][A-Z -]+ - [A-Z]")
LONGEST = 6


def number_stories(docs: Sequence[Doc]) -> None:
    """Write into each document's ``user_data`` the story it belongs to, and whether that is about sport.

    A story begins one sentence before its dateline, or two where a byline stands between. It is about sport
    where its headline begins with a sport in capitals.
    """
    starts = set()
    for i, doc in enumerate(docs):
        if DATELINE.match(" ".join(words(doc))):
            is_cut = doc[0].text[0].isdigit()
            first = i - 1 - is_cut
            byline = first > 0 and len(docs[first]) in (1, 2, 3) and docs[first][-1].is_alpha
            starts.add(max(first - byline, 0))
    number, is_sport = 0, False
    for i, doc in enumerate(docs):
        if i in starts:
            number, is_sport = number + 1, bool(TOPIC.match(doc.text))
        doc.user_data[STORY] = number
        doc.user_data[SPORT] = is_sport


class Names:
    """The names that other labeling functions have found, by story and in the corpus.

    Parameters
    ----------
    docs
        Documents in the order of the corpus, numbered by :func:`number_stories`, with the functions' spans.
    sources
        Names of the functions, which are keys of ``doc.spans``.
    """

    def __init__(self, docs: Sequence[Doc], sources: Sequence[str]) -> None:
        by_story: dict[int, dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
        corpus: dict[str, Counter[str]] = defaultdict(Counter)
        ordinary: set[str] = set()
        self.clubs: set[str] = set()
        for doc in docs:
            ordinary.update(word for word in words(doc) if word.islower())
            seen = {
                (" ".join(words(doc)[span.start : span.end]), span.label_, source in RESULT_LINES)
                for source in sources
                for span in doc.spans.get(source, ())
            }
            for name, label, is_club in seen:
                if name in NOT_NAMES or name in TITLES:
                    continue
                by_story[doc.user_data[STORY]][name][label] += 1
                corpus[name][label] += 1
                if is_club and label == "ORG" and len(name) > 2:
                    self.clubs.add(name)
        self.corpus = {name: label for name, votes in corpus.items() if (label := _sure(votes, at_least=2))}
        self.corpus = {n: label for n, label in self.corpus.items() if n.lower() not in ordinary}
        self.story = {
            story: {name: label for name, votes in names.items() if (label := _sure(votes, at_least=1))}
            for story, names in by_story.items()
        }
        self.short = {story: _short_names(names) for story, names in self.story.items()}
        self.ordinary = ordinary | {word.lower() for word in NOT_NAMES}
        surnames: Counter[str] = Counter()
        for names in self.story.values():
            surnames.update(
                {name.split()[-1] for name, label in names.items() if label == "PER" and " " in name}
            )
        self.surnames = {
            name: "PER"
            for name, count in surnames.items()
            if count > 1
            and len(name) > 2
            and name.lower() not in ordinary
            and name not in countries()
            and count > sum(corpus[name].values()) - corpus[name]["PER"]
        }
        self.corpus_capitals = _capitals(self.surnames) | _capitals(self.corpus)
        self.story_capitals = {
            story: _capitals(self.short[story]) | _capitals(names) for story, names in self.story.items()
        }

    def functions(self) -> tuple[LabelingFunction, ...]:
        """Return labeling functions, the surest first, that look names up here."""

        def story_names(doc: Doc) -> Iterator[LabeledSpan]:
            """Find a name that another sentence of the story labels."""
            story = doc.user_data[STORY]
            yield from _look_up(
                doc, (self.story if in_mixed_case(doc) else self.story_capitals).get(story, {})
            )

        def story_short_names(doc: Doc) -> Iterator[LabeledSpan]:
            """Find the surname of a person, or first word of an organization, named in full elsewhere."""
            if in_mixed_case(doc):
                yield from _look_up(doc, self.short.get(doc.user_data[STORY], {}))

        def corpus_names(doc: Doc) -> Iterator[LabeledSpan]:
            """Find a name that other stories label, nearly always alike."""
            yield from _look_up(doc, self.corpus if in_mixed_case(doc) else self.corpus_capitals)

        def corpus_surnames(doc: Doc) -> Iterator[LabeledSpan]:
            """Find a surname that other stories give to people."""
            if in_mixed_case(doc):
                yield from _look_up(doc, self.surnames)

        def unknown_pairs(doc: Doc) -> Iterator[LabeledSpan]:
            """Find two or three capitalized words that never stand in lower case: most are people."""
            if in_mixed_case(doc):
                for start, end in capitalized_runs(doc, NOT_NAMES | TITLES):
                    name = words(doc)[start:end]
                    fits = len(name) in (2, 3) and all(word.isalpha() and not word.isupper() for word in name)
                    if fits and self.ordinary.isdisjoint(map(str.lower, name)) and known.isdisjoint(name):
                        yield start, end, "PER"

        known = countries() | cities() | nationalities() | INSTITUTIONS | WIRES
        return story_names, story_short_names, corpus_names, corpus_surnames, unknown_pairs

    def clubs_in_sport(self, doc: Doc) -> Iterator[LabeledSpan]:
        """In a story about sport: a club that result lines name, unless ``in`` or ``at`` makes it a place."""
        if doc.user_data[SPORT] and in_mixed_case(doc):
            for start, end, _ in _look_up(doc, dict.fromkeys(self.clubs, "ORG")):
                if not start or doc[start - 1].lower_ not in {"in", "at", "near", "from"}:
                    yield start, end, "ORG"


def _sure(votes: Counter[str], at_least: int) -> str | None:
    label, count = votes.most_common(1)[0]
    return label if count >= at_least and count > 0.7 * votes.total() else None


def _short_names(names: Mapping[str, str]) -> dict[str, str]:
    short = {}
    for name, label in names.items():
        first, *_, last = name.split() if " " in name else ("", "")
        if label == "PER" and len(last) > 2:
            short[last] = label
        elif label == "ORG" and len(first) > 2 and not re.fullmatch(ORDINARY_FIRST_WORDS, first):
            short[first] = label
    known = NOT_NAMES | TITLES | nationalities() | countries() | set(EVENTS.split("|")) | names.keys()
    return {name: label for name, label in short.items() if name not in known}


def _capitals(names: Mapping[str, str]) -> dict[str, str]:
    return {name.upper(): label for name, label in names.items() if len(name) > 3}


def _look_up(doc: Doc, known: Mapping[str, str]) -> Iterator[LabeledSpan]:
    """Find known names that are not part of longer ones."""
    texts = words(doc)
    mixed = in_mixed_case(doc)
    for start, end in phrases(doc, known, LONGEST):
        around = texts[max(start - 1, 1) : start] + texts[end : end + 1]
        if mixed and any(w[:1].isupper() and w not in NOT_NAMES and w not in TITLES for w in around):
            continue
        yield start, end, known[" ".join(texts[start:end])]
