"""The labeling functions of the published tutorial, written anew, all for organizations.

They come from Argilla's tutorial on weak supervision for named-entity recognition with skweak. Its
``title_detector`` missed a keyword at the first token and a run at the end of the sentence; here both count.
Its rule ``*shire`` is the regular expression ``[A-Z][a-z]*shire``: no query of Argilla's search language
begins with a wildcard.
"""

from collections.abc import Iterator

from spacy.tokens import Doc

from helpers.ner.patterns import LabeledSpan, LabelingFunction, matches, words

TITLE = r"[A-Z][a-z]+"
FIRST_WORDS = r"Federal|National|New|United|First|U\.N\."
LAST_WORDS = (
    "Corp|Organisation|Group|Council|Department|Exchange|Bureau|Corporation|Ltd|Party|Newsroom|Army|Inc|"
    "Association"
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
    """``National Council``, ``First Meridian Bank``: capitalized words after the first word of many names."""
    yield from matches(doc, rf"(?P<ORG>(?:{FIRST_WORDS})(?: {TITLE})+)")


def organization_ends(doc: Doc) -> Iterator[LabeledSpan]:
    """``Halvorsen Group``, ``Oslo Newsroom``: capitalized words up to the last word of many names."""
    yield from matches(doc, rf"(?P<ORG>(?:{TITLE} )+(?:{LAST_WORDS}))")


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
