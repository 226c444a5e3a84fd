"""Labeling with a language model through distilabel's ArgillaLabeller: back ends, runs, an offline stand-in.

`load_llm` takes one setting, `dry_run` shows the prompt and what it will cost, `label_records` asks,
`log_suggestions` sends the answers to Argilla. `train_model` makes a small SetFit model of what was reviewed;
`Experiment` and `compare` hold one against the other. The errors are in `helpers.llm_labelling.errors`.
"""

from helpers.llm_labelling.backends import is_stand_in, load_llm
from helpers.llm_labelling.emotion import emotion_settings
from helpers.llm_labelling.estimate import Estimate, dry_run
from helpers.llm_labelling.evaluation import Estimated, Quality, evaluate
from helpers.llm_labelling.experiment import SETFIT, Experiment, Trial, at, compare
from helpers.llm_labelling.labeling import Labeling, label_records, log_suggestions
from helpers.llm_labelling.patience import Patience
from helpers.llm_labelling.prompts import Example, LabelingTask, as_text, example, make_labeller
from helpers.llm_labelling.review_time import seconds_per_review
from helpers.llm_labelling.setfit_models import (
    ServedModel,
    load_small_encoder,
    ms_per_text,
    predict_labels,
    push_model,
    train_model,
)

__all__ = [
    "SETFIT",
    "Estimate",
    "Estimated",
    "Example",
    "Experiment",
    "Labeling",
    "LabelingTask",
    "Patience",
    "Quality",
    "ServedModel",
    "Trial",
    "as_text",
    "at",
    "compare",
    "dry_run",
    "emotion_settings",
    "evaluate",
    "example",
    "is_stand_in",
    "label_records",
    "load_llm",
    "load_small_encoder",
    "log_suggestions",
    "make_labeller",
    "ms_per_text",
    "predict_labels",
    "push_model",
    "seconds_per_review",
    "train_model",
]
