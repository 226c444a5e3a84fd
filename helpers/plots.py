"""The figures that readers look at. Each function draws on the axes it returns.

Names of rules, labels and methods are data: they are shown as they are, in one line, and shortened where they
are very long.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import cycle
from typing import Any

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from helpers.errors import ValuesError
from helpers.values import as_list
from helpers.weak_supervision import confusion

RIGHT, WRONG, QUIET = "#4878a8", "#d1605e", "#b8b8b8"
LONGEST = 60
"""Characters of a name that are shown."""


def plot_rules(summary: pd.DataFrame) -> Axes:
    """Draw how many votes of each rule are right and wrong.

    Parameters
    ----------
    summary
        What :meth:`helpers.weak_supervision.WeakLabels.summary` returns for texts with gold labels.
    """
    rules = summary.iloc[-2::-1]  # the last row is the total, and a rule may have that name
    _, axes = plt.subplots(figsize=(7, 0.5 + 0.25 * len(rules)), layout="constrained")
    places = range(len(rules))
    axes.barh(places, rules["correct"], color=RIGHT, label="correct")
    axes.barh(places, rules["incorrect"], left=rules["correct"], color=WRONG, label="incorrect")
    axes.set_yticks(places, shown(rules.index))
    axes.set_xlabel("records the rule fires on")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    return _finish(axes)


def plot_minimum_score(curve: pd.DataFrame) -> Axes:
    """Draw what a minimum score costs in texts and brings in accuracy.

    Parameters
    ----------
    curve
        One row a minimum score (the index): columns ``texts`` and ``accuracy``.
    """
    _, axes = plt.subplots(figsize=(7, 3), layout="constrained")
    axes.plot(curve.index, curve["accuracy"], "o-", color=RIGHT)
    axes.set_xlabel("minimum score of a weak label")
    axes.set_ylabel("test accuracy", color=RIGHT)
    sizes = axes.twinx()
    sizes.bar(curve.index, curve["texts"], width=0.03, color=QUIET, alpha=0.5)
    sizes.set_ylabel("training texts", color="gray")
    sizes.set_ylim(bottom=0)
    axes.set_zorder(sizes.get_zorder() + 1)
    axes.patch.set_visible(False)
    return _finish(axes, legend=False)


def plot_confusion(gold: Iterable[Any], predicted: Iterable[Any], labels: Iterable[Any]) -> Axes:
    """Draw a confusion matrix: a row for each gold label, its cells counts, shaded by share of the row.

    Parameters and errors are those of :func:`helpers.weak_supervision.confusion`, which it draws.
    """
    table = confusion(gold, predicted, labels)
    counts, names = table.to_numpy(), shown(table.index)
    _, axes = plt.subplots(figsize=(4.5, 4), layout="constrained")
    axes.imshow(counts / counts.sum(axis=1, keepdims=True).clip(min=1), cmap="Blues", vmin=0, vmax=1)
    for (row, column), count in np.ndenumerate(counts):
        shade = "white" if count > 0.5 * counts[row].sum() else "black"
        axes.text(column, row, f"{count:,}", ha="center", va="center", color=shade)
    axes.set_xticks(range(len(names)), names, rotation=30, ha="right")
    axes.set_yticks(range(len(names)), names)
    axes.set_xlabel("predicted")
    axes.set_ylabel("gold")
    return _finish(axes, legend=False)


def plot_accuracies(measured: Mapping[str, float], published: Mapping[str, float]) -> Axes:
    """Draw accuracies measured here as bars, and published ones as dashed lines."""
    _, axes = plt.subplots(figsize=(7, 0.8 + 0.4 * len(measured)), layout="constrained")
    names = list(measured)[::-1]
    bars = axes.barh(range(len(names)), [measured[name] for name in names], color=RIGHT)
    axes.set_yticks(range(len(names)), shown(names))
    axes.bar_label(bars, fmt="%.3f", padding=3)
    for (name, accuracy), style in zip(published.items(), cycle(("--", ":", "-."))):
        axes.axvline(accuracy, color="black", linestyle=style, linewidth=1, label=f"{name}: {accuracy:.3f}")
    axes.set_xlim(0, 1)
    axes.set_xlabel("test accuracy")
    return _finish(axes, legend=bool(published))


def plot_scores(scores: pd.DataFrame) -> Axes:
    """Draw precision, recall and F1 as bars.

    Parameters
    ----------
    scores
        One row a method: columns ``precision``, ``recall`` and ``f1``.
    """
    rows = scores[["f1", "recall", "precision"]].iloc[::-1]
    _, axes = plt.subplots(figsize=(7, 0.8 + 0.6 * len(rows)), layout="constrained")
    rows.set_axis(range(len(rows))).plot.barh(ax=axes, color=[RIGHT, QUIET, "#e0e0e0"], width=0.8)
    axes.set_yticks(range(len(rows)), shown(rows.index))
    for position, f1 in enumerate(rows["f1"]):
        axes.text(np.nan_to_num(f1), position - 0.27, f" {f1:.3f}", va="center")
    axes.set_xlim(0, 1)
    axes.set_ylabel("")
    return _finish(axes)


def plot_learning_curve(curve: pd.DataFrame) -> Axes:
    """Draw F1 on held-out documents and the loss, by training step.

    Parameters
    ----------
    curve
        Columns ``step``, ``f1`` and ``loss``.
    """
    _, axes = plt.subplots(figsize=(7, 3), layout="constrained")
    axes.plot(curve["step"], curve["f1"], "o-", color=RIGHT)
    axes.set_xlabel("training step")
    axes.set_ylabel("F1 on held-out weak labels", color=RIGHT)
    axes.set_ylim(0, 1)
    losses = axes.twinx()
    losses.plot(curve["step"], curve["loss"], color=QUIET)
    losses.set_ylabel("loss", color="gray")
    return _finish(axes, legend=False)


def plot_few_shot(table: pd.DataFrame, metric: str) -> Axes:
    """Draw how good each method is by the number of examples it was given, with intervals.

    Parameters
    ----------
    table
        What :func:`helpers.llm_labelling.compare` returns. The legend names the methods as it does, so that a
        stand-in is called one.
    metric
        ``"accuracy"`` or ``"macro_f1"``.
    """
    axes = _plot_bands(table, (metric, f"{metric}_low", f"{metric}_high"), (WRONG, RIGHT, QUIET))
    axes.set_xlabel("examples a class")
    axes.set_ylabel({"accuracy": "accuracy", "macro_f1": "macro F1"}[metric])
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    return _finish(axes)


def plot_growing_curve(points: Mapping[int, float]) -> Axes:
    """Draw accuracy by number of labels, as far as it is known."""
    _, axes = plt.subplots(figsize=(7, 3), layout="constrained")
    axes.plot(list(points), list(points.values()), "o-", color=RIGHT)
    axes.set_xlabel("labels")
    axes.set_ylabel("test accuracy")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    return _finish(axes, legend=False)


def plot_learning_curves(curves: pd.DataFrame) -> Axes:
    """Draw the mean accuracy of each way to choose texts by number of labels, with intervals.

    Parameters
    ----------
    curves
        What :func:`helpers.active_learning.learning_curves` returns.
    """
    axes = _plot_bands(curves, ("mean", "low", "high"), (RIGHT, WRONG, QUIET))
    axes.set_xlabel("labels")
    axes.set_ylabel("test accuracy")
    return _finish(axes)


def plot_map(vectors: NDArray[np.float32], labels: Iterable[Any], rounds: Sequence[Sequence[int]]) -> Axes:
    """Draw texts as points, alike ones near each other, and in which round each was chosen.

    The map is t-SNE's. L. van der Maaten, G. Hinton. Visualizing Data using t-SNE. JMLR, 2008.

    Parameters
    ----------
    vectors
        Shape (n, dimensions).
    labels
        The label of each text, which gives its color.
    rounds
        Positions of the texts chosen in each round: black, from light to dark.

    Raises
    ------
    ValuesError
        If there is not one label a text.
    """
    from sklearn.manifold import TSNE

    names = as_list(labels, "labels")
    if len(names) != len(vectors):
        raise ValuesError(
            f"There are {len(vectors)} vectors and {len(names)} labels. Give one label a vector."
        )
    places = np.zeros((len(vectors), 2))
    # Of texts that are all alike t-SNE makes places that are no numbers, and may end the process.
    if len(np.unique(vectors, axis=0)) > 1:
        # By default 30 neighbors count, which so many must be there for.
        perplexity = min(30.0, (len(vectors) - 1) / 3)
        places = TSNE(init="pca", perplexity=perplexity, random_state=0).fit_transform(vectors)
    _, axes = plt.subplots(figsize=(7, 5), layout="constrained")
    for label in sorted(set(names), key=str):
        x, y = places[[name == label for name in names]].T
        axes.scatter(x, y, s=18, alpha=0.5, linewidths=0, label=str(label))
    for number, chosen in enumerate(rounds):
        shade = str(0.7 * (1 - number / max(1, len(rounds) - 1)))
        x, y = places[list(chosen)].T
        axes.scatter(x, y, s=45, facecolors="none", edgecolors=shade)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set_visible(False)
    _legend(axes, loc="center left", bbox_to_anchor=(1, 0.5))
    return axes


def plot_sharpening(scores: Mapping[str, NDArray[np.float64]], threshold: float) -> Axes:
    """Draw how the best scores are spread in some rounds, as box plots, and a threshold.

    Parameters
    ----------
    scores
        By the name of the round: the best score of each text, shape (n,).
    threshold
        Drawn as a line.
    """
    _, axes = plt.subplots(figsize=(7, 0.8 + 0.4 * len(scores)), layout="constrained")
    axes.boxplot(
        list(scores.values())[::-1],
        orientation="horizontal",
        tick_labels=shown(scores)[::-1],
        showfliers=False,
        medianprops={"color": RIGHT},
    )
    axes.axvline(threshold, color=WRONG, linestyle="--", linewidth=1, label=f"threshold {threshold:g}")
    axes.set_xlim(right=1)
    axes.set_xlabel("best score of a text")
    _legend(axes, loc="lower right", bbox_to_anchor=(1, 1))
    return _finish(axes, legend=False)


def shown(names: Iterable[Any]) -> list[str]:
    r"""Return names as matplotlib shows them as they are: in one line, not too long, and no formula.

    Examples
    --------
    >>> shown(["US$ and $A", "two\nlines", 1])
    ['US\\$ and \\$A', 'two lines', '1']
    """
    lines = (" ".join(str(name).split()) for name in names)
    short = (line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…" for line in lines)
    return [line.replace("$", r"\$") for line in short]


def _plot_bands(table: pd.DataFrame, columns: tuple[str, str, str], colors: Sequence[str]) -> Axes:
    """Draw a line and the band around it for each name in the outer index, by the inner index."""
    middle, low, high = columns
    _, axes = plt.subplots(figsize=(7, 3.5), layout="constrained")
    for name, color in zip(table.index.unique(level=0), cycle(colors)):
        rows = table.loc[name]
        axes.plot(rows.index, rows[middle], "o-", color=color, label=str(name))
        axes.fill_between(rows.index, rows[low], rows[high], color=color, alpha=0.2)
    return axes


def _finish(axes: Axes, legend: bool = True) -> Axes:
    axes.spines[["top", "right"]].set_visible(False)
    if legend:
        _legend(axes, loc="lower right")
    return axes


def _legend(axes: Axes, **where: Any) -> None:
    """Show all series, also those whose name begins with an underscore, which matplotlib hides."""
    drawn: list[Any] = [*axes.lines, *axes.collections, *axes.containers]
    series = [each for each in drawn if _is_named(str(each.get_label()))]
    legend = axes.legend(series, [str(number) for number in range(len(series))], frameon=False, **where)
    for text, name in zip(legend.get_texts(), shown(each.get_label() for each in series), strict=True):
        text.set_text(name)


def _is_named(label: str) -> bool:
    # What we gave no name is called _child0 and the like by matplotlib.
    return not re.fullmatch(r"_(child|container)\d+|_nolegend_|", label)
