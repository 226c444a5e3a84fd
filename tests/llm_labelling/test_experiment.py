from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from test_values import CONTAINERS

from helpers.errors import ValuesError
from helpers.llm_labelling import SETFIT, Experiment, LabelingTask, Trial, at, compare, load_llm
from helpers.llm_labelling.errors import FewExamplesWarning, TooFewExamplesError
from helpers.llm_labelling.stand_in import NAME

LABELS = ("Sports", "Business")
POOL = pd.DataFrame(
    {
        "text": [
            "A late goal",
            "Bonds fall",
            "The cup final",
            "Rates rise",
            "Her serve",
            "A merger",
            "Bonus",
        ],
        "label": ["Sports", "Business", "Sports", "Business", "Sports", "Business", "Sports"],
    },
    index=[f"p{number}" for number in range(7)],
)
SCORED = pd.DataFrame(
    {
        "text": ["The striker scored", "Shares and bonds", "Bonus", "The profit of banks"],
        "label": ["Sports", "Business", "Business", "Business"],
    },
    index=[f"t{number}" for number in range(4)],
)


@pytest.fixture(scope="module")
def make(encoder):
    llm = load_llm("offline", encoder=encoder)

    def make(scored: pd.DataFrame, pool: pd.DataFrame = POOL) -> Experiment:
        return Experiment(llm, encoder, LabelingTask(LABELS), pool, scored["text"], steps=2)

    return make


@pytest.fixture(scope="module")
def trials(make) -> list[Trial]:
    return make(SCORED).run((0, 2), draws=2)


def test_fewer_examples_of_a_draw_are_among_its_more(make):
    experiment = make(SCORED)
    drawn = [experiment.examples(size, 0) for size in range(4)]
    assert [examples["label"].tolist() for examples in drawn[:3]] == [[], [*LABELS], [*LABELS, *LABELS]]
    assert all(set(fewer.index) < set(more.index) for fewer, more in pairwise(drawn))
    assert drawn[2].index.tolist() == drawn[3].index.tolist()[:4]
    others = [tuple(experiment.examples(1, draw).index) for draw in range(10)]
    assert len(set(others)) > 3


def test_a_text_that_is_scored_is_no_example(make):
    assert set(make(SCORED).examples(3, 0)["text"]) == set(POOL["text"]) - {"Bonus"}
    with pytest.raises(TooFewExamplesError, match=r"'Sports' has 3, 'Business' has 3 of 4\."):
        make(SCORED).examples(4, 0)


def test_a_label_with_fewer_examples_gives_what_it_has_and_that_is_said(make):
    pool = POOL[POOL["label"] == "Sports"].assign(label=["Sports", "Sports", "Business", "Sports"])
    experiment = make(SCORED, pool)
    assert sorted(experiment.examples(2, 0)["label"]) == ["Business", "Sports", "Sports"]
    with pytest.warns(FewExamplesWarning, match=r"'Sports' has 2, 'Business' has 1 of 3\..* with 3\.$"):
        trials = experiment.run([0, 2, 3], draws=1)
    assert [(trial.method, trial.size) for trial in trials] == [
        (method, size) for size in (0, 2) for method in (NAME, SETFIT)
    ]


def test_a_label_without_examples_is_no_obstacle_and_none_at_all_is_one(make):
    experiment = make(SCORED, POOL[POOL["label"] == "Sports"])
    with pytest.warns(FewExamplesWarning, match=r"lacks examples: 'Business' has 0 of 2\..* it has\.$"):
        trials = experiment.run([2], draws=1)
    assert [trial.size for trial in trials] == [2, 2]
    with pytest.raises(TooFewExamplesError, match="'Sports' has 0, 'Business' has 0 of 2"):
        make(SCORED, POOL[:0]).run([2, 6], draws=1)


def test_both_methods_try_with_each_draw_and_once_without_examples(trials):
    assert [(trial.method, trial.size, trial.draw) for trial in trials] == [
        (method, size, draw) for size, draw in ((0, 0), (2, 0), (2, 1)) for method in (NAME, SETFIT)
    ]
    for trial in trials:
        assert trial.predicted.index.tolist() == SCORED.index.tolist()
        assert set(trial.predicted) <= set(LABELS)
        assert (trial.n_timed, trial.input_tokens) == (4, 0)


def test_labels_that_are_easy_are_right(trials):
    for trial in trials:
        assert trial.predicted[["t0", "t1", "t3"]].tolist() == ["Sports", "Business", "Business"]


def test_gold_of_scored_texts_changes_scores_but_no_prediction(make, trials):
    permuted = SCORED.assign(label=SCORED["label"].to_numpy()[::-1])
    relabeled = POOL.assign(label=POOL["label"].mask(POOL["text"] == "Bonus", "Business"))
    again = make(permuted, relabeled).run((0, 2), draws=1)
    for trial in again:
        [before] = [
            old
            for old in trials
            if (old.method, old.size, old.draw) == (trial.method, trial.size, trial.draw)
        ]
        pd.testing.assert_series_equal(trial.predicted, before.predicted)
    tables = [compare(again, frame["label"], LABELS) for frame in (SCORED, permuted)]
    assert (tables[0]["accuracy"] > tables[1]["accuracy"]).all()


def trial(method, size, draw, predicted, **counts):
    return Trial(
        method, size, draw, pd.Series(predicted, ["x", "y"]), **{"n_timed": 2, "seconds": 1.0} | counts
    )


GOLD = pd.Series(["Sports", "Business"], ["x", "y"])


def test_the_table_has_a_row_a_method_and_size():
    table = compare(
        [
            trial("tiny", 0, 0, ["Sports", None], input_tokens=300, output_tokens=10),
            trial("tiny", 2, 0, ["Sports", "Sports"], n_timed=0, seconds=0.1),
            trial(SETFIT, 2, 0, ["Sports", "Sports"], training_s=3.0),
            trial(SETFIT, 2, 1, ["Sports", "Business"], training_s=5.0),
        ],
        GOLD,
        LABELS,
        prices=(2.0, 10.0),
    )
    assert table.index.tolist() == [("tiny", 0), ("tiny", 2), (SETFIT, 2)]
    assert table["accuracy"].tolist() == [0.5, 0.5, 0.75]
    assert table["macro_f1"].tolist() == pytest.approx([1 / 2, 1 / 3, 2 / 3])
    assert table["training_s"].tolist() == [0, 0, 4]
    assert table["seconds_per_1000"].tolist() == pytest.approx([500, np.nan, 500], nan_ok=True)
    assert table["cost_per_1000"].tolist() == pytest.approx([0.35, np.nan, 0], nan_ok=True)
    means, bounds = at(table, SETFIT, "accuracy")
    assert means == {"2": 0.75}
    assert bounds["2"][0] < 0.75 <= bounds["2"][1]


@pytest.mark.parametrize("container", CONTAINERS.values(), ids=CONTAINERS)
def test_each_text_has_its_own_label(make, container):
    scored = container(SCORED["text"].tolist())
    experiment = make(SCORED)
    if isinstance(scored, pd.Series) and not scored.index.is_unique:
        with pytest.raises(ValuesError, match="index of the texts holds 0 more than once"):
            replace(experiment, texts=scored)
        return
    ids = scored.index.tolist() if isinstance(scored, pd.Series) else list(range(4))
    predicted = replace(experiment, texts=scored).ask(1, 0).predicted
    assert predicted.index.tolist() == ids
    assert predicted.tolist() == experiment.ask(1, 0).predicted.tolist()


@pytest.mark.parametrize(
    "frame",
    [lambda pool: pool.set_axis([0] * 7), pl.from_pandas, pa.table],
    ids=["repeated index", "polars", "arrow"],
)
def test_examples_are_drawn_by_position(make, frame):
    pool = POOL.reset_index(drop=True)
    drawn = make(SCORED, frame(pool)).examples(2, 0)
    assert drawn["text"].tolist() == make(SCORED, pool).examples(2, 0)["text"].tolist()
    assert drawn["label"].tolist() == [*LABELS, *LABELS]
