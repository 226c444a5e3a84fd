"""Train a spaCy model on weak labels with ``spacy train`` on the command line."""

import contextlib
import io
import random
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import spacy
from skweak.utils import docbin_writer
from spacy.cli.init_config import init_config
from spacy.language import Language
from spacy.tokens import Doc, Span
from tqdm.auto import tqdm

from helpers.ner.errors import NoAnnotationError, TrainingError
from helpers.ner.patterns import words
from helpers.ner.spans import refuse_overlaps

BLOCK = 20
"""Documents that stay together when some are held out: neighbors are often of one story."""

HELD_OUT = 10
"""One block in so many is held out."""

DROPOUT = 0.3
"""More than spaCy's default of 0.1: weak labels are easily learned by heart, with their errors."""

EVALUATE_EVERY = 200
"""Steps between two evaluations on the documents held out."""

# A line of spaCy's table: epoch, step, losses of tok2vec and of ner, F1, precision and recall in percent.
_ROW = re.compile(r"\s*\d+\s+(\d+)\s+([\d.]+)\s+([\d.]+)\s+([\d.]+)\s+([\d.]+)\s+([\d.]+)\s+[\d.]+\s*$")


@dataclass(frozen=True)
class TrainedModel:
    """What ``spacy train`` left.

    Attributes
    ----------
    folder
        The best checkpoint, by F1 on the weakly labeled documents held out.
    curve
        Learning curve: columns ``step``, ``loss``, ``f1``, ``precision`` and ``recall``, the last three on
        the documents held out, which are weakly labeled too.
    command
        What was run, in the folder above `folder`.
    """

    folder: Path
    curve: pd.DataFrame
    command: tuple[str, ...]

    def load(self) -> Language:
        """Load the best checkpoint."""
        return spacy.load(self.folder)


def select(docs: Sequence[Doc], layer: str, seed: int) -> list[Doc]:
    """Return copies of the documents that `layer` annotates, its spans as ``ents``, and as many blank ones.

    They stay in the order of the corpus. Where fewer are blank than annotated, all the blank ones are taken.

    Raises
    ------
    NoAnnotationError
        No document is annotated.
    OverlappingSpansError
        Two spans of a document share a token.
    """
    annotated = [i for i, doc in enumerate(docs) if doc.spans.get(layer)]
    blank = [i for i, doc in enumerate(docs) if not doc.spans.get(layer)]
    if not annotated:
        raise NoAnnotationError(
            f"None of the {len(docs)} documents has spans of {layer!r}: there is nothing to train on."
        )
    chosen = {*annotated, *random.Random(seed).sample(blank, min(len(annotated), len(blank)))}
    copies = []
    for i in sorted(chosen):
        copy = Doc(docs[i].vocab, words=words(docs[i]))
        spans = sorted(docs[i].spans.get(layer, ()), key=lambda span: span.start)
        refuse_overlaps(i, spans, layer)
        copy.set_ents([Span(copy, span.start, span.end, span.label_) for span in spans])
        copies.append(copy)
    return copies


def train(
    docs: Sequence[Doc],
    layer: str,
    folder: Path,
    *,
    vectors: Path | None = None,
    max_steps: int = 2000,
    seed: int = 0,
) -> TrainedModel:
    """Train a model on the spans of one aggregator, with as many blank documents as annotated ones.

    Parameters
    ----------
    docs
        Training documents; gold entities are not read.
    layer
        The key of ``doc.spans`` to learn from.
    folder
        Where data, configuration and model go; it is made if need be.
    vectors
        A folder of static word vectors from :func:`~helpers.ner.vectors.distill_vectors`, or the name of an
        installed model such as ``en_core_web_md``. Without them the model has only the words' hashes.
    max_steps
        Batches to train on, 1 at least.
    seed
        Seed of the choice of blank documents, and of the model.

    Returns
    -------
    TrainedModel
        Its checkpoint is chosen on weakly labeled documents, one block in ten, which are not trained on.

    Raises
    ------
    NoAnnotationError
        No document is annotated.
    OverlappingSpansError
        Two spans of a document share a token.
    TrainingError
        There are no steps, there is one document only, or ``spacy train`` fails.
    """
    if max_steps < 1:
        raise TrainingError(f"max_steps={max_steps} would train nothing: give 1 or more.")
    chosen = select(docs, layer, seed)
    if len(chosen) < 2:
        raise TrainingError(
            f"There is one document to train on, {chosen[0].text!r}, and one is held out: give two at least."
        )
    in_block = [i // BLOCK % HELD_OUT == HELD_OUT - 1 for i in range(len(chosen))]
    # So few documents that no block is held out: the last ones are.
    if not any(in_block):
        in_block = [i >= len(chosen) - max(1, len(chosen) // HELD_OUT) for i in range(len(chosen))]
    folder.mkdir(parents=True, exist_ok=True)
    parts = {
        "train": [doc for doc, held_out in zip(chosen, in_block, strict=True) if not held_out],
        "dev": [doc for doc, held_out in zip(chosen, in_block, strict=True) if held_out],
    }
    for part, part_docs in parts.items():
        with contextlib.redirect_stdout(io.StringIO()):
            docbin_writer(part_docs, str(folder / f"{part}.spacy"))
    _write_config(folder / "config.cfg", vectors, max_steps, seed)
    # It runs in the folder and gets names in it: a path may hold what spaCy's configuration takes for its own
    # syntax, such as a dollar sign and braces.
    command = (
        *(sys.executable, "-m", "spacy", "train", "config.cfg", "--output", "."),
        *("--paths.train", "train.spacy", "--paths.dev", "dev.spacy"),
    )
    return TrainedModel(folder / "model-best", _run(command, folder, max_steps), command)


def predict(model: TrainedModel, docs: Sequence[Doc], name: str) -> None:
    """Write a model's entities into ``doc.spans[name]``; the documents' own ``ents`` stay as they are."""
    nlp = model.load()
    copies = (Doc(nlp.vocab, words=words(doc)) for doc in docs)
    predicted = nlp.pipe(copies, batch_size=128)
    for doc, found in tqdm(zip(docs, predicted, strict=True), total=len(docs), desc="Predicting", delay=3):
        doc.spans[name] = [Span(doc, ent.start, ent.end, ent.label_) for ent in found.ents]
        # Not one of the functions: skweak's aggregators skip what is marked so.
        doc.spans[name].attrs["aggregated"] = True


def _write_config(file: Path, vectors: Path | None, max_steps: int, seed: int) -> None:
    config = init_config(lang="en", pipeline=["ner"], optimize="efficiency")
    config["system"]["seed"] = seed
    config["training"]["dropout"] = DROPOUT
    config["training"]["max_steps"] = max_steps
    config["training"]["eval_frequency"] = min(EVALUATE_EVERY, max_steps)
    config["training"]["patience"] = 0
    if vectors is not None:
        here = file.parent / "vectors"
        if vectors.is_dir() and vectors.resolve() != here.resolve():
            here.unlink(missing_ok=True)
            here.symlink_to(vectors.resolve())
        config["initialize"]["vectors"] = here.name if here.is_dir() else str(vectors)
        config["components"]["tok2vec"]["model"]["embed"]["include_static_vectors"] = True
    config.to_disk(file)


def _run(command: Sequence[str], folder: Path, max_steps: int) -> pd.DataFrame:
    """Run ``spacy train``, show its progress, and return the learning curve."""
    rows: list[tuple[float, ...]] = []
    output: list[str] = []
    with (
        subprocess.Popen(
            [command[0], "-u", *command[1:]],
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process,
        tqdm(total=max_steps, desc="spacy train", unit=" steps", delay=3) as bar,
    ):
        for line in process.stdout or ():
            output.append(line)
            if row := _ROW.match(line):
                step, tok2vec, ner, f1, precision, recall = map(float, row.groups())
                rows.append((int(step), tok2vec + ner, f1 / 100, precision / 100, recall / 100))
                bar.update(int(step) - bar.n)
                bar.set_postfix(f1=f"{f1 / 100:.3f}")
    if process.returncode != 0:
        raise TrainingError(
            f"spacy train ended with code {process.returncode}. Its last words:\n" + "".join(output[-15:])
        )
    return pd.DataFrame(rows, columns=["step", "loss", "f1", "precision", "recall"])
