"""Names of models as Argilla takes them for the agents of suggestions."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 200
_REFUSED = re.compile(r"[^a-zA-Z0-9_\s/.:-]", re.ASCII)


def agent_name(name: str) -> str:
    """Return a model's name as Argilla takes it: ASCII letters and digits, and a few signs, at most 200.

    Accents and signs are left out. Where letters of other scripts remain, the name is written in Punycode
    (RFC 3492), so that two models never share a name by losing theirs.

    Parameters
    ----------
    name
        Of any script.

    Examples
    --------
    >>> agent_name("org/tiny (v1)"), agent_name("modèle"), agent_name("日本語-7B")
    ('org/tiny v1', 'modele', '-7B-s08fl0dtz6h')
    >>> agent_name("!")
    'unnamed'
    """
    letters = unicodedata.normalize("NFKD", name)
    plain = "".join(letter for letter in letters if letter.isascii() or letter.isalnum())
    if not plain.isascii():
        plain = plain.encode("punycode").decode()
    taken = _REFUSED.sub("", plain)[:LONGEST].strip()
    return taken if any(map(str.isalnum, taken)) else "unnamed"
