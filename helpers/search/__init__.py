"""Argilla's query language: one implementation for rules on plain texts and for the embedded server.

Only the standard library and apsw are used, because the server's own environment imports this package too.
"""

from helpers.search.fields import field_text, finds
from helpers.search.query import is_empty, parse
from helpers.search.text_index import TextIndex
from helpers.search.tokens import tokenize

__all__ = ["TextIndex", "field_text", "finds", "is_empty", "parse", "tokenize"]
