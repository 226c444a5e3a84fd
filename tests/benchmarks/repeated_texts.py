"""As many texts as the published tutorial has: 127,600."""

from itertools import count, islice

from helpers.data.ag_news import load_ag_news
from helpers.data.sources import Source

SIZE = 127_600


def load_repeated(source: Source, size: int = SIZE) -> list[str]:
    """Return the texts of AG News, and then again with a number appended, until there are so many."""
    corpus = load_ag_news(source)
    texts = [*corpus.train["text"], *corpus.test["text"]]
    numbered = (f"{text} {number}" for number in count() for text in texts)
    return [*texts, *islice(numbered, max(size - len(texts), 0))][:size]
