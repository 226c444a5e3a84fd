"""SetFit training with a fixed number of steps, for whoever learns from few labels.

L. Tunstall et al. Efficient Few-Shot Learning Without Prompts. 2022 (arXiv:2209.11055).
"""

from __future__ import annotations

import copy
import tempfile
import warnings
from collections.abc import Sequence
from types import ModuleType
from typing import TYPE_CHECKING, Any

from helpers.data.encoder import whole_characters
from helpers.errors import ValuesError
from helpers.values import as_list, as_texts

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from setfit import SetFitModel

BATCH_SIZE = 16
"""Pairs of texts a step."""

LEARNING_RATE = 2e-5
"""SetFit's own default."""


def train_setfit(
    encoder: SentenceTransformer,
    texts: Sequence[str],
    labels: Sequence[str],
    *,
    steps: int,
    batch_size: int = BATCH_SIZE,
    learning_rate: float = LEARNING_RATE,
    max_tokens: int | None = None,
    seed: int = 0,
) -> SetFitModel:
    """Tune a copy of an encoder on pairs of texts, then fit logistic regression on its vectors.

    By itself SetFit takes as many steps as there are pairs: 469 for 100 labels, of 2 to 3 s each for news on
    two busy cores. So the number is given.

    Parameters
    ----------
    encoder
        The encoder to start from; it stays as it is.
    texts, labels
        n texts and their labels, of two kinds at least.
    steps
        Batches of pairs to tune with, 2 at least: the learning rate rises from 0. Where the pairs do not
        suffice, they come again.
    batch_size
        Pairs a step.
    learning_rate
        Of the encoder, at its highest.
    max_tokens
        Where texts are cut while the encoder is tuned, by default where it cuts them anyway. The model
        itself reads on to there.
    seed
        Decides the order of the pairs.

    Raises
    ------
    ValuesError
        If a text is missing or no text, there is not one label a text, or all labels are the same.
    """
    import torch
    from sklearn.linear_model import LogisticRegression
    from transformers.trainer_callback import ProgressCallback

    texts = [whole_characters(text) for text in as_texts(texts)]
    labels = as_texts(labels, "labels")
    if len(texts) != len(labels) or len(set(labels)) < 2:
        raise ValuesError(
            f"There are {len(texts)} texts and {len(labels)} labels of the kinds {sorted(set(labels))}: "
            "SetFit needs one label a text, and two kinds at least."
        )
    setfit = _import_setfit()
    body = copy.deepcopy(encoder)
    model = setfit.SetFitModel(
        model_body=body,
        model_head=LogisticRegression(class_weight="balanced", max_iter=1000),
        normalize_embeddings=True,
    )
    whole = body.max_seq_length
    body.max_seq_length = max_tokens or whole
    with tempfile.TemporaryDirectory() as folder:
        arguments = setfit.TrainingArguments(
            output_dir=folder,
            batch_size=batch_size,
            max_steps=steps,
            body_learning_rate=learning_rate,
            seed=seed,
            save_strategy="no",
            report_to="none",
            show_progress_bar=False,
        )
        trainer = setfit.Trainer(model=model, args=arguments)
        # `show_progress_bar` is for the head only.
        trainer.remove_callback(ProgressCallback)
        trainer.remove_callback(setfit.notebook.SetFitNotebookProgressCallback)
        # SetFit has no setting for it, and without a GPU torch warns.
        trainer.st_trainer.args.dataloader_pin_memory = torch.cuda.is_available()
        trainer.add_callback(_step_bar(steps))
        trainer.train_embeddings(texts, labels)
        body.max_seq_length = whole
        trainer.train_classifier(texts, labels)
    return model


def name_examples(labels: Sequence[str], size: int) -> tuple[list[str], list[str]]:
    """Return the texts and labels of SetFit's zero-shot recipe: sentences that hold the labels' names.

    Examples
    --------
    >>> name_examples(["good", "bad"], 2)[0]
    ['This sentence is good', 'This sentence is good', 'This sentence is bad', 'This sentence is bad']
    """
    labels = as_list(labels, "labels")
    setfit = _import_setfit()
    examples = setfit.get_templated_dataset(candidate_labels=list(labels), sample_size=size)
    return list(examples["text"]), [labels[number] for number in examples["label"]]


def _step_bar(steps: int) -> Any:
    """Return a callback that shows a progress bar, where training takes over 3 s."""
    from tqdm.auto import tqdm
    from transformers.trainer_callback import TrainerCallback

    class StepBar(TrainerCallback):
        def on_train_begin(self, *_: Any, **__: Any) -> None:
            self._bar = tqdm(total=steps, desc="Training SetFit", unit="step", delay=3)

        def on_step_end(self, *_: Any, **__: Any) -> None:
            self._bar.update()

        def on_train_end(self, *_: Any, **__: Any) -> None:
            self._bar.close()

    return StepBar()


def _import_setfit() -> ModuleType:
    # It turns every library's deprecation warnings on, and reports on training.
    with warnings.catch_warnings():
        import setfit
        import setfit.notebook
    setfit.logging.set_verbosity_warning()
    return setfit  # type: ignore[no-any-return]
