"""The labeling functions of the published tutorial, written anew, all for organizations.

They come from Argilla's tutorial on weak supervision for named-entity recognition with skweak. Its
``title_detector`` missed a keyword at the first token and a run at the end of the sentence; here both count.
Its rule ``*shire`` is the regular expression ``[A-Z][a-z]*shire``: no query of Argilla's search language
begins with a wildcard.
"""

from collections.abc import Iterator

from spacy.tokens import Doc

from helpers.ner.patterns import LabeledSpan, LabelingFunction, capitalized_runs, matches, words

TITLE = r"[A-Z][a-z]+"
FIRST_WORDS = frozenset({"Federal", "National", "New", "United", "First", "U.N."})
LAST_WORDS = frozenset(
    {
        *(
            "Corp",
            "Organisation",
            "Group",
            "Council",
            "Department",
            "Exchange",
            "Bureau",
            "Corporation",
            "Ltd",
        ),
        *("Party", "Newsroom", "Army", "Inc", "Association"),
    }
)


def sports_results(doc: Doc) -> Iterator[LabeledSpan]:
    """``Calverton 24 14 6 4 38 21``: a club, then only figures and punctuation."""
    first, *rest = words(doc) or [""]
    figures = "".join(rest)
    has_figures_only = any(map(str.isdigit, figures)) and not any(map(str.isalpha, figures))
    if first.isalpha() and first.istitle() and has_figures_only:
        yield 0, 1, "ORG"


def sports_match(doc: Doc) -> Iterator[LabeledSpan]:
    """``Torvane 2 Briska 1``: two clubs and their goals."""
    yield from matches(doc, rf"^(?P<ORG>{TITLE}) \d+ (?P<ORG2>{TITLE}) \d+$")


def organization_starts(doc: Doc) -> Iterator[LabeledSpan]:
    """``National Council``, ``First Meridian Bank``: a run of capitalized words, by the first of them."""
    for start, end in capitalized_runs(doc):
        if end - start > 1 and doc[start].text in FIRST_WORDS:
            yield start, end, "ORG"


def organization_ends(doc: Doc) -> Iterator[LabeledSpan]:
    """``Halvorsen Group``, ``Oslo Newsroom``: a run of capitalized words, by the last of them."""
    for start, end in capitalized_runs(doc):
        if end - start > 1 and doc[end - 1].text in LAST_WORDS:
            yield start, end, "ORG"


def shires(doc: Doc) -> Iterator[LabeledSpan]:
    """``Derbyshire``: in sport, the cricket club of the county."""
    yield from matches(doc, r"(?P<ORG>[A-Z][a-z]*shire)")


PUBLISHED: tuple[LabelingFunction, ...] = (
    sports_results,
    sports_match,
    organization_starts,
    organization_ends,
    shires,
)
