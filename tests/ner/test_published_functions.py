import pytest

from helpers.ner.functions import (
    PUBLISHED,
    organization_ends,
    organization_starts,
    shires,
    sports_match,
    sports_results,
)


@pytest.mark.parametrize(
    ("function", "text", "expected"),
    [
        (sports_results, "Calverton 24 14 6 4", ["Calverton"]),
        (sports_results, "Ardenne 3-1 , 2-2 .", ["Ardenne"]),
        (sports_results, "Porto Vell 24 14", []),
        (sports_results, "CALVERTON 24 14", []),
        (sports_results, "Calverton .", []),
        (sports_results, "24 14 6", []),
        (sports_match, "Torvane 2 Briska 1", ["Torvane", "Briska"]),
        (sports_match, "Torvane 2 Briska 1 .", []),
        (sports_match, "Porto Vell 2 Briska 1", []),
        (organization_starts, "National Council met", ["National Council"]),
        (organization_starts, "at First Meridian", ["First Meridian"]),
        (organization_starts, "the U.N. Relief Bureau", ["U.N. Relief Bureau"]),
        (organization_starts, "the National plan", []),
        (organization_ends, "Halvorsen Group", ["Halvorsen Group"]),
        (organization_ends, "-- Oslo Newsroom +47", ["Oslo Newsroom"]),
        (organization_ends, "the Council of Veria", []),
        (shires, "Derbyshire 310", ["Derbyshire"]),
        (shires, "Shire and shire", []),
    ],
)
def test_published_function(make_doc, function, text, expected):
    doc = make_doc(text)
    assert [(doc[start:end].text, label) for start, end, label in function(doc)] == [
        (name, "ORG") for name in expected
    ]


def test_names_are_unique():
    assert len({function.__name__ for function in PUBLISHED}) == len(PUBLISHED) == 5
