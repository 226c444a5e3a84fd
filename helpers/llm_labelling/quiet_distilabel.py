"""What we use of distilabel, without the warnings that defining its classes, or ours on them, raises."""

import warnings

# distilabel declares defaults where pydantic has begun to warn that they have no effect.
warnings.filterwarnings(
    "ignore", message="The 'default' attribute .* was provided to the `Field", module="pydantic"
)

from distilabel.models.llms import LLM, OpenAILLM, TransformersLLM  # noqa: E402
from distilabel.steps.tasks import ArgillaLabeller  # noqa: E402

__all__ = ["LLM", "ArgillaLabeller", "OpenAILLM", "TransformersLLM"]
