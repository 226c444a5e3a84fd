"""Measures of bundled texts: do they repeat themselves?"""

import re
from collections import defaultdict
from itertools import combinations


def words_of(text: str) -> list[str]:
    return re.findall(r"\w+(?:['’.]\w+)*", text.lower())


def near_copies(texts: list[list[str]]) -> list[tuple[int, int]]:
    """Pairs that share more than half of their sequences of three words."""
    shared: dict[tuple[int, int], int] = defaultdict(int)
    for where in _texts_by_gram(texts, 3).values():
        for pair in combinations(where, 2):
            shared[pair] += 1
    sizes = [len(_grams(text, 3)) for text in texts]
    return [pair for pair, n in shared.items() if n > min(sizes[i] for i in pair) / 2]


def share_with_stock_phrases(texts: list[list[str]]) -> float:
    """The share of texts with a sequence of four words that occurs in four or more of them."""
    stock = [where for where in _texts_by_gram(texts, 4).values() if len(where) >= 4]
    return len({text for where in stock for text in where}) / len(texts)


def _grams(words: list[str], n: int) -> set[tuple[str, ...]]:
    return {tuple(words[start : start + n]) for start in range(len(words) - n + 1)}


def _texts_by_gram(texts: list[list[str]], n: int) -> dict[tuple[str, ...], list[int]]:
    where = defaultdict(list)
    for number, words in enumerate(texts):
        for gram in _grams(words, n):
            where[gram].append(number)
    return where
