import pytest

from helpers.ner.annotation import annotate
from helpers.ner.consistency import SPORT, STORY, Names, number_stories

LABELS = ("PER", "ORG", "LOC", "MISC")


def number(docs):
    number_stories(docs)
    return [doc.user_data[STORY] for doc in docs]


def test_story_begins_before_dateline_and_byline(make_doc):
    docs = map(
        make_doc,
        [
            "Rain in Veria .",
            "VERIA 1996-08-22",
            "It rained .",
            "Sun in Dorvale .",
            "Lena Ostrow",
            "DORVALE 1996-08-23",
        ],
    )
    assert number(list(docs)) == [1, 1, 1, 2, 2, 2]


def test_dateline_cut_in_two(make_doc):
    docs = [make_doc(text) for text in ("It rained .", "Sun .", "DORVALE , Ala .", "1996-08-22", "Hot .")]
    assert number(docs) == [0, 1, 1, 1, 1]


def test_sport_by_headline(make_doc):
    texts = ["RUGBY UNION - BRISKA WIN .", "BRISKA 1996-08-22", "Oil rises .", "VERIA 1996-08-22"]
    docs = [make_doc(text) for text in texts]
    number_stories(docs)
    assert [doc.user_data[SPORT] for doc in docs] == [True, True, False, False]


def test_documents_without_datelines_are_one_story(make_doc):
    assert number([make_doc("Rain ."), make_doc("Sun .")]) == [0, 0]


@pytest.fixture
def consistent(make_doc):
    """Apply one function of `Names` to texts of which some have spans already."""

    def run(function, *texts_and_spans):
        docs = [make_doc(text, found=spans) for text, spans in texts_and_spans]
        number_stories(docs)
        functions = {f.__name__: f for f in Names(docs, ["found"]).functions()}
        annotate(docs, [[functions[function]]], LABELS, after=["found"])
        return [[(span.text, span.label_) for span in doc.spans[function]] for doc in docs]

    return run


def test_name_of_the_same_story(consistent):
    found = consistent(
        "story_names", ("Newcrest shares rose .", [(0, 1, "ORG")]), ("Then Newcrest fell .", [])
    )
    assert found == [[], [("Newcrest", "ORG")]]


def test_name_in_capitals(consistent):
    found = consistent("story_names", ("OIL - NEWCREST FALLS .", []), ("Newcrest shares .", [(0, 1, "ORG")]))
    assert found == [[("NEWCREST", "ORG")], []]


def test_name_of_another_story(consistent):
    found = consistent(
        "story_names",
        ("Newcrest shares rose .", [(0, 1, "ORG")]),
        ("Rain .", []),
        ("VERIA 1996-08-22", []),
        ("Then Newcrest fell .", []),
    )
    assert found == [[], [], [], []]


def test_label_in_dispute(consistent):
    found = consistent(
        "story_names", ("Brisk said", [(0, 1, "PER")]), ("in Brisk .", [(1, 2, "LOC")]), ("the Brisk .", [])
    )
    assert found == [[], [], []]


def test_part_of_a_longer_name_is_left(consistent):
    found = consistent("story_names", ("in Veria .", [(1, 2, "LOC")]), ("the Veria Steel plant", []))
    assert found == [[], []]


def test_surname_and_first_word(consistent):
    found = consistent(
        "story_short_names",
        ("Ana Duarte met Halvorsen Group .", [(0, 2, "PER"), (3, 5, "ORG")]),
        ("when Duarte told Halvorsen this", []),
    )
    assert found == [[], [("Duarte", "PER"), ("Halvorsen", "ORG")]]


def test_name_of_the_corpus_needs_two_sentences(consistent):
    once = ("the Unita men", [(1, 2, "ORG")])
    other = ("an Unita man", [(1, 2, "ORG")])
    assert consistent("corpus_names", once, ("by Unita .", []))[-1] == []
    assert consistent("corpus_names", once, other, ("by Unita .", []))[-1] == [("Unita", "ORG")]


def test_unknown_pair_is_a_person(consistent):
    found = consistent(
        "unknown_pairs",
        ("with Muttiah Muralitharan there", []),
        ("an open river", []),
        ("the Open River", []),
    )
    assert found == [[("Muttiah Muralitharan", "PER")], [], []]


def test_clubs_of_result_lines_in_sport_only(make_doc):
    texts = ["SOCCER - X .", "OSLO 1996-08-22", "Torvane 2 Briska 1", "beat Torvane in Briska .", "Oil ."]
    docs = [make_doc(text) for text in (*texts, "VERIA 1996-08-22", "buys Torvane .")]
    number_stories(docs)
    annotate(docs, [[match_lines_of_the_test]], LABELS)
    for doc in docs:
        doc.spans["match_lines"] = doc.spans.pop("match_lines_of_the_test")
    names = Names(docs, ["match_lines"])
    assert list(names.clubs_in_sport(docs[3])) == [(1, 2, "ORG")]
    assert list(names.clubs_in_sport(docs[-1])) == []


def match_lines_of_the_test(doc):
    if doc.text == "Torvane 2 Briska 1":
        yield from ((0, 1, "ORG"), (2, 3, "ORG"))
