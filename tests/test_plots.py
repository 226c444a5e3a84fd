import warnings

import matplotlib
import numpy as np
import pandas as pd
import pytest

matplotlib.use("agg")

from helpers import plots
from helpers.errors import ValuesError


@pytest.fixture(autouse=True)
def _closed_figures():
    yield
    matplotlib.pyplot.close("all")


def test_rules_are_drawn_in_order_without_the_total():
    summary = pd.DataFrame({"correct": [3, 1, 4], "incorrect": [0, 2, 2]}, index=["war", "game", "total"])
    axes = plots.plot_rules(summary)
    assert [text.get_text() for text in axes.get_yticklabels()] == ["game", "war"]
    assert [bar.get_width() for bar in axes.patches] == [1, 3, 2, 0]


def test_confusion_counts_every_label_even_unseen_ones():
    axes = plots.plot_confusion(["a", "a", "b"], ["a", "b", "b"], ["a", "b", "c"])
    assert [text.get_text() for text in axes.texts] == ["1", "1", "0", "0", "1", "0", "0", "0", "0"]


def test_accuracies_and_published_lines():
    axes = plots.plot_accuracies({"ours": 0.9, "seed": 0.8}, {"tutorial": 0.8176})
    assert [bar.get_width() for bar in axes.patches] == [0.8, 0.9]
    assert axes.get_legend().get_texts()[0].get_text() == "tutorial: 0.818"


def test_every_series_is_drawn_however_many_there_are():
    names = ["a", "b", "c", "d"]
    axes = plots.plot_accuracies({"ours": 0.9}, dict.fromkeys(names, 0.5))
    assert [line.get_linestyle() for line in axes.lines] == ["--", ":", "-.", "--"]
    index = pd.MultiIndex.from_tuples([(name, 20) for name in names])
    axes = plots.plot_learning_curves(pd.DataFrame({"mean": 0.7, "low": 0.6, "high": 0.8}, index))
    assert [text.get_text() for text in axes.get_legend().get_texts()] == names


def test_minimum_score_has_a_scale_for_sizes_of_its_own():
    axes = plots.plot_minimum_score(
        pd.DataFrame({"texts": [10, 5], "accuracy": [0.7, 0.8]}, index=[0.0, 0.5])
    )
    sizes = axes.figure.axes[1]
    assert [bar.get_height() for bar in sizes.patches] == [10, 5]
    assert list(axes.lines[0].get_ydata()) == [0.7, 0.8]


def test_scores_are_labeled_with_f1():
    scores = pd.DataFrame(
        {"precision": [0.5, 1.0], "recall": [0.5, 0.2], "f1": [0.5, 0.333]}, index=["hmm", "model"]
    )
    axes = plots.plot_scores(scores)
    assert [bar.get_width() for bar in axes.containers[0]] == [0.333, 0.5]
    assert [text.get_text() for text in axes.texts] == [" 0.333", " 0.500"]


def test_the_learning_curve_has_a_scale_for_losses_of_its_own():
    axes = plots.plot_learning_curve(pd.DataFrame({"step": [0, 10], "f1": [0.1, 0.6], "loss": [90, 8]}))
    assert list(axes.lines[0].get_ydata()) == [0.1, 0.6]
    assert list(axes.figure.axes[1].lines[0].get_ydata()) == [90, 8]


def test_few_shot_curves_are_named_as_in_the_table():
    names = ["method", "examples a class"]
    index = pd.MultiIndex.from_tuples([("a stand-in", 0), ("a stand-in", 6), ("SetFit", 6)], names=names)
    values = {"macro_f1": [0.5, 0.6, 0.7], "macro_f1_low": [0.4, 0.5, 0.6], "macro_f1_high": [0.6, 0.7, 0.8]}
    axes = plots.plot_few_shot(pd.DataFrame(values, index=index), "macro_f1")
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["a stand-in", "SetFit"]
    assert [line.get_xydata().tolist() for line in axes.lines] == [[[0, 0.5], [6, 0.6]], [[6, 0.7]]]
    assert axes.get_ylabel() == "macro F1"


def test_the_growing_curve_has_a_point_a_round():
    axes = plots.plot_growing_curve({20: 0.7, 25: 0.8})
    assert axes.lines[0].get_xydata().tolist() == [[20, 0.7], [25, 0.8]]


def test_learning_curves_have_a_line_and_a_band_a_way():
    index = pd.MultiIndex.from_tuples([("active", 20), ("active", 30), ("random", 20)])
    curves = pd.DataFrame({"mean": [0.7, 0.8, 0.6], "low": [0.6, 0.7, 0.5], "high": [0.8, 0.9, 0.7]}, index)
    axes = plots.plot_learning_curves(curves)
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["active", "random"]
    assert axes.lines[0].get_xydata().tolist() == [[20, 0.7], [30, 0.8]]
    assert len(axes.collections) == 2


def test_the_map_circles_what_was_chosen():
    vectors = np.random.default_rng(0).normal(size=(40, 3))
    axes = plots.plot_map(vectors, ["a", "b"] * 20, [[0, 1, 2], [5, 8]])
    assert [len(points.get_offsets()) for points in axes.collections] == [20, 20, 3, 2]
    assert (axes.collections[3].get_offsets()[0] == axes.collections[1].get_offsets()[2]).all()

    few = plots.plot_map(vectors[:8], ["a", "b"] * 4, [[0]])
    assert [len(points.get_offsets()) for points in few.collections] == [4, 4, 1]


def test_sharpening_has_a_box_a_round_the_first_on_top():
    axes = plots.plot_sharpening({"20": np.array([0.3, 0.4]), "40": np.array([0.8, 1.0])}, 0.9)
    assert [text.get_text() for text in axes.get_yticklabels()] == ["40", "20"]
    assert axes.get_legend().get_texts()[0].get_text() == "threshold 0.9"


ODD = [
    *("US$ and $A", "$\\frac{$", "_hidden", "<b>{x}</b> %s", "two\nlines", "x" * 300, "label", "漢字", "\\$"),
    "_child0x",
]


def drawn(axes):
    """What a reader sees of some names, once the figure has been drawn."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph")  # of scripts that the font lacks
        axes.figure.canvas.draw()
    return axes


def as_shown(text):
    return text.get_text().replace("\\$", "$")


SHOWN = [" ".join(name.split()) if len(name) < 60 else "x" * 59 + "…" for name in ODD]


def test_names_on_an_axis_are_data():
    summary = pd.DataFrame({"correct": 1, "incorrect": 0}, index=[*ODD, "total", "total"])
    assert list(map(as_shown, drawn(plots.plot_rules(summary)).get_yticklabels())) == ["total", *SHOWN[::-1]]
    axes = drawn(plots.plot_confusion(ODD, ODD, ODD))
    assert list(map(as_shown, axes.get_xticklabels())) == SHOWN
    scores = pd.DataFrame({"precision": 0.5, "recall": 0.5, "f1": [np.nan] + [0.5] * 9}, index=ODD)
    assert list(map(as_shown, drawn(plots.plot_scores(scores)).get_yticklabels())) == SHOWN[::-1]
    axes = drawn(plots.plot_accuracies(dict.fromkeys(ODD, 0.5), {}))
    assert list(map(as_shown, axes.get_yticklabels())) == SHOWN[::-1]
    axes = drawn(plots.plot_sharpening({name: np.array([0.5, 0.6]) for name in ODD}, 0.5))
    assert list(map(as_shown, axes.get_yticklabels())) == SHOWN[::-1]


def test_names_in_a_legend_are_data():
    axes = drawn(plots.plot_accuracies({"a": 0.5}, dict.fromkeys(ODD[:5], 0.5)))
    assert list(map(as_shown, axes.get_legend().get_texts())) == [f"{name}: 0.500" for name in SHOWN[:5]]
    vectors = np.random.default_rng(0).normal(size=(20, 4)).astype(np.float32)
    axes = drawn(plots.plot_map(vectors, ODD * 2, []))
    assert list(map(as_shown, axes.get_legend().get_texts())) == [SHOWN[ODD.index(n)] for n in sorted(ODD)]
    index = pd.MultiIndex.from_product([ODD, [1, 2]])
    curves = pd.DataFrame({"mean": 0.5, "low": 0.4, "high": 0.6}, index=index)
    assert list(map(as_shown, drawn(plots.plot_learning_curves(curves)).get_legend().get_texts())) == SHOWN


def test_a_map_of_labels_that_are_no_texts():
    vectors = np.random.default_rng(0).normal(size=(6, 4)).astype(np.float32)
    axes = plots.plot_map(vectors, pd.Series([0, 1, True, None, 1, 0], dtype=object, index=[9] * 6), [])
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["0", "1", "None"]


@pytest.mark.parametrize("size", [0, 1, 9])
def test_a_map_of_texts_that_are_all_alike(size):
    axes = drawn(plots.plot_map(np.ones((size, 4), dtype=np.float32), ["a"] * size, [[0]] if size else []))
    assert [points.get_offsets().tolist() for points in axes.collections[:1]] == [[[0, 0]] * size][:size]


def test_a_map_needs_a_label_a_text():
    with pytest.raises(ValuesError, match="3 vectors and 2 labels"):
        plots.plot_map(np.eye(3), ["a", "b"], [])
