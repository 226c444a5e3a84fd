"""Words as Elasticsearch's standard analyzer cuts them."""

import re

import apsw.unicode

# The word rules of UAX #29 on ASCII: letters, digits and underscores join; a colon, full stop or apostrophe
# joins two letters; a full stop, comma, semicolon or apostrophe joins two digits.
_ASCII_WORD = re.compile(
    r"_*[a-z0-9][a-z0-9_]*(?:(?:(?<=[a-z])[:.'](?=[a-z])|(?<=[0-9])[.,;'](?=[0-9]))[a-z0-9_]+)*"
)
# Lucene keeps a run of Thai, Lao, Myanmar or Khmer as one token, because only a dictionary could cut it.
_DICTIONARY_SCRIPTS = re.compile("([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]+)")


def tokenize(text: str) -> list[str]:
    """Cut a text into lower-case words.

    Parameters
    ----------
    text
        Any text; lone surrogates count as unknown characters.

    Returns
    -------
    list of str
        The words, in order.

    References
    ----------
    Unicode Standard Annex #29, "Unicode Text Segmentation", section 4: word boundaries.

    Examples
    --------
    >>> tokenize("The U.S. can't sell 1,000 wi-fi cards")
    ['the', 'u.s', "can't", 'sell', '1,000', 'wi', 'fi', 'cards']
    """
    lowered = lower(text)
    if lowered.isascii():
        return _ASCII_WORD.findall(lowered)
    # re.split puts what the group caught at the odd places
    pieces = enumerate(_DICTIONARY_SCRIPTS.split(lowered))
    return [word for place, piece in pieces for word in ([piece] if place % 2 else _unicode_words(piece))]


def lower(text: str) -> str:
    """Lower-case a text character by character, as Java does.

    Python alone would write a final sigma and split a dotted capital I.

    >>> lower("ΟΔΟΣ")
    'οδοσ'
    """
    if text.isascii():
        return text.lower()
    well_formed = text.encode("utf-8", "replace").decode("utf-8")
    return "".join(character.lower() for character in well_formed.replace("İ", "i"))


def _unicode_words(text: str) -> list[str]:
    return list(apsw.unicode.word_iter(text, emoji=True, regional_indicator=True))
