"""Reading the settings of questions and metadata properties, with validators that are built once.

Replaces ``Question.parsed_settings`` and ``MetadataProperty.parsed_settings``
(argilla_server/models/database.py), which build a pydantic validator, about half a millisecond of work, for
each value that they check.
"""

from typing import Any

from argilla_server.api.schemas.v1.questions import QuestionSettings
from argilla_server.models import MetadataProperty, Question
from argilla_server.models.metadata_properties import MetadataPropertySettings
from pydantic import TypeAdapter

from helpers.argilla_local.faster.patching import replace_member


def install() -> None:
    """Put our properties in place of the stock ones."""
    replace_member(Question, "parsed_settings", _reader(TypeAdapter(QuestionSettings)))
    replace_member(MetadataProperty, "parsed_settings", _reader(TypeAdapter(MetadataPropertySettings)))


def _reader(adapter: TypeAdapter[Any]) -> property:
    return property(lambda owner: adapter.validate_python(owner.settings))
