"""Labeling with a language model through distilabel's ArgillaLabeller: back ends, runs, an offline stand-in.

`load_llm` takes one setting, `dry_run` shows the prompt and what it will cost, `label_records` asks,
`log_suggestions` sends the answers to Argilla. The errors are in `helpers.llm_labelling.errors`.
"""

from helpers.llm_labelling.backends import is_stand_in, load_llm
from helpers.llm_labelling.estimate import Estimate, dry_run
from helpers.llm_labelling.labeling import Labeling, label_records, log_suggestions
from helpers.llm_labelling.patience import Patience
from helpers.llm_labelling.prompts import Example, LabelingTask, as_text, example, make_labeller

__all__ = [
    "Estimate",
    "Example",
    "Labeling",
    "LabelingTask",
    "Patience",
    "as_text",
    "dry_run",
    "example",
    "is_stand_in",
    "label_records",
    "load_llm",
    "log_suggestions",
    "make_labeller",
]
