import pytest

from helpers.ner import corpus_functions
from helpers.ner.corpus_functions import LINE_FUNCTIONS, NAME_FUNCTIONS

CASES = {
    "datelines": ("PORT SELMA , Karsovia 1996-08-23", "PORT SELMA/LOC Karsovia/LOC"),
    "bylines": ("Lena Ostrow", "Lena Ostrow/PER"),
    "desks": ("-- Oslo Newsroom +47 22 42", "Oslo Newsroom/ORG"),
    "standings": ("Porto Vell 24 12 9 3 35 18 45", "Porto Vell/ORG"),
    "match_lines": ("Cantaro 0 Porto Vell 3", "Cantaro/ORG Porto Vell/ORG"),
    "fixtures": ("CLEVELAND AT DETROIT", "CLEVELAND/ORG DETROIT/ORG"),
    "venues": ("In Siauliai : Kareda 0", "Siauliai/LOC"),
    "cricket_scores": ("Lanfordshire 286 and 94-2", "Lanfordshire/ORG"),
    "batsmen": ("S. Fonseka c Hollins b Okafor-Lane 7", "S. Fonseka/PER Hollins/PER Okafor-Lane/PER"),
    "competitors": ("1. Ines Calado ( Portugal ) 11.02", "Ines Calado/PER Portugal/LOC"),
    "rankings": ("68 Stig Aho , Ben Hale ( Britain )", "Stig Aho/PER Ben Hale/PER"),
    "scorers": ("Eugen Voica ( 84th )", "Eugen Voica/PER"),
    "initials": ("( M. Lathwell 85", "M. Lathwell/PER"),
    "headlines": ("TENNIS - DUTCH STAR BEATEN IN CUBA .", "DUTCH/MISC CUBA/LOC"),
    "countries_and_peoples": ("the Dutch left Cuba .", "Dutch/MISC Cuba/LOC"),
    "hyphened": ("a Boston-based firm", "Boston-based/MISC"),
    "big_cities": ("flew to Lisbon .", "Lisbon/LOC"),
    "places_by_preposition": ("killed in Topolcany .", "Topolcany/LOC"),
    "places_with_regions": ("a man from Sandusky , Ohio .", "Sandusky/LOC"),
    "places_by_last_word": ("the Luvo River burst", "Luvo River/LOC"),
    "people_by_first_name": ("said that Josephine Ndaywel left", "Josephine Ndaywel/PER"),
    "people_by_title": ("met Prime Minister Xanthos Veriades .", "Xanthos Veriades/PER"),
    "people_by_owner": ("Canada 's Xavor Brend won", "Xavor Brend/PER"),
    "people_by_speech": ('the tomb , " Garang said .', "Garang/PER"),
    "organizations_by_last_word": ("a Halvorsen Industries plant", "Halvorsen Industries/ORG"),
    "acronyms": ("rebels of the KDP fled", "KDP/ORG"),
    "well_known": ("told Reuters that", "Reuters/ORG"),
    "us_teams": ("the Texas Rangers won", "Texas Rangers/ORG"),
    "clubs": ("a Sarnia Rovers player", "Sarnia Rovers/ORG"),
    "companies": ("shares in Mentmore rose", "Mentmore/ORG"),
    "events": ("won the Baltic Cup .", "Baltic Cup/MISC"),
    "products": ("an Airbus A310 landed", "Airbus A310/MISC"),
}


@pytest.fixture
def tagged(make_doc):
    def tag(function, text):
        doc = make_doc(text)
        # Two patterns of a function may find the same; `annotate` keeps one.
        return " ".join(
            f"{doc[start:end].text}/{label}" for start, end, label in dict.fromkeys(function(doc))
        )

    return tag


@pytest.mark.parametrize("function", [*LINE_FUNCTIONS, *NAME_FUNCTIONS], ids=lambda f: f.__name__)
def test_finds_what_its_docstring_says(tagged, function):
    text, expected = CASES[function.__name__]
    assert tagged(function, text) == expected


@pytest.mark.parametrize("function", [*LINE_FUNCTIONS, *NAME_FUNCTIONS], ids=lambda f: f.__name__)
def test_says_nothing_about_plain_words(tagged, function):
    for text in ("the rain stopped at noon .", "7-6 6-4", '" We do not know . "', "."):
        assert tagged(function, text) == ""


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("match_lines", "Japan 2 Syria 1", "Japan/LOC Syria/LOC"),
        ("match_lines", "Vell ( Fiji ) 0 Ao ( Peru ) 3", "Vell/ORG Fiji/LOC Ao/ORG Peru/LOC"),
        ("match_lines", "Seattle 10 BOSTON 3", "Seattle/ORG BOSTON/ORG"),
        ("standings", "BALTIMORE 70 62 .530 -", "BALTIMORE/ORG"),
        ("standings", "1995 10 10 10 10", ""),
        ("desks", "-- Oslo newsroom +47 22 42", "Oslo/LOC"),
        ("competitors", "Gloria ( Romania ) 2 Valletta ( Malta ) 1", ""),
        ("competitors", "America Online ( AOL ) grew", ""),
        ("initials", "U.S. President", ""),
        ("countries_and_peoples", "the Royal Dutch Shell", ""),
        ("countries_and_peoples", "Greek Prime Minister", "Greek/MISC"),
        ("big_cities", "the Lisbon Harriers won", ""),
        ("places_by_preposition", "in March .", ""),
        ("places_by_preposition", "from Dutch farms", ""),
        ("acronyms", "a TV film", ""),
        ("acronyms", "the Karsovia Dock Party ( KDP ) won", "KDP/ORG Karsovia Dock Party/ORG"),
        ("people_by_first_name", "at Victoria Park .", ""),
    ],
)  # fmt: skip
def test_special_case(tagged, name, text, expected):
    assert tagged(getattr(corpus_functions, name), text) == expected
