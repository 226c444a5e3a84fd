"""The 16 rules of Argilla's tutorial "Train a text classifier with weak supervision"."""

PUBLISHED_RULES = {
    "money": "Business",
    "financ*": "Business",
    "dollar*": "Business",
    "war": "World",
    "gov*": "World",
    "minister*": "World",
    "conflict": "World",
    "footbal*": "Sports",
    "sport*": "Sports",
    "game": "Sports",
    "play*": "Sports",
    "sci*": "Sci/Tech",
    "techno*": "Sci/Tech",
    "computer*": "Sci/Tech",
    "software": "Sci/Tech",
    "web": "Sci/Tech",
}
