"""What the parameters of the notebooks may be, and what is said where they are something else."""

import ast
from pathlib import Path

import nbformat
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.parameters import RULES, NotebookParameterError, check_parameters

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))

WRONG = [
    ("ANNOTATOR", "simulate", 'is not "simulated" or "human". Did you mean "simulated"?'),
    ("ANNOTATOR", "Human", 'Did you mean "human"?'),
    ("ANNOTATOR", None, "ANNOTATOR = None is not"),
    ("DATA", "bundeld", 'Did you mean "bundled"?'),
    ("DATA", "HUB", 'Did you mean "hub"?'),
    ("DATA", "no/such/folder", "A relative path starts at "),
    ("DATA", "embedded\0null", "is not "),
    ("DATA", "~nobody-of-that-name/x", "is not "),
    ("DATA", "x" * 10_000, "..."),
    ("DATA", "", "is not "),
    ("DATA", 3, "is not "),
    ("DATA", np.zeros(2), "is not "),
    ("NAME", "", "is not a name of 1 to 150 characters"),
    ("NAME", " news", "blanks at its ends"),
    ("NAME", "team/news", "without '/'"),
    ("NAME", "two\nlines", "line breaks"),
    ("NAME", "n" * 151, "1 to 150"),
    ("NAME", "\ud83d", "is not a name"),
    ("NAME", "news-simulated", "ends in '-simulated'"),
    ("CONTINUE", "False", "is not True or False. Did you mean False?"),
    ("CONTINUE", 1, "Did you mean True?"),
    ("PREPARED", None, "is not True or False."),
    ("SEED", "seven", "is not a whole number from 0 to 2147483647."),
    ("SEED", "7", "Did you mean 7, without quotes?"),
    ("SEED", 7.0, "Did you mean 7?"),
    ("SEED", 7.5, "is not a whole number"),
    ("SEED", True, "is not a whole number"),
    ("SEED", -1, "from 0"),
    ("SEED", 2**31, "to 2147483647"),
    ("N_REVIEW", 0, "from 1"),
    ("N_REVIEW", [20], "is not a whole number"),
    ("WAIT_S", -1, "is not a number from 0"),
    ("WAIT_S", float("nan"), "is not a number from 0"),
    ("WAIT_S", float("inf"), "is not a number from 0"),
    ("THRESHOLD", 0, "above 0, at most 1"),
    ("THRESHOLD", 90, "above 0, at most 1"),
    ("MIN_PRECISION", "0.5", "Did you mean 0.5, without quotes?"),
    ("SIZES", 2, "is not a list"),
    ("SIZES", [], "does not hold some numbers"),
    ("SIZES", [0, -2], "holds -2, which is not a whole number from 0"),
    ("SIZES", [0, 2, 2], "holds a number twice"),
    ("PRICES", [0.15], "does not hold 2 numbers"),
    ("PRICES", [0.15, "0.60"], "holds '0.60', which is not a number"),
    ("LLM", "ofline", 'Did you mean "offline"?'),
    ("LLM", "opnai:gpt-4o", 'Did you mean "openai"?'),
    ("LLM", "hf:", "is not "),
    ("LLM", "openai:qwen@localhost:11434", "is not "),
    ("LLM", "gpt-4o", "is not "),
    ("LLM", 4, "is not "),
    ("PUSH_TO", "https://huggingface.co/datasets/me/news", 'Did you mean "me/news"?'),
    ("PUSH_TO", "my news", 'is not "owner/name"'),
    ("PUSH_TO", "a/b/c", 'is not "owner/name"'),
    ("PUSH_TO", None, 'is not "owner/name"'),
]

RIGHT = [
    ("DATA", "auto"),
    ("DATA", "."),
    ("DATA", Path()),
    ("ANNOTATOR", "human"),
    ("NAME", "Nachrichten über 新聞_2"),
    ("CONTINUE", False),
    ("SEED", 0),
    ("SEED", np.int64(7)),
    ("WAIT_S", 0.5),
    ("THRESHOLD", 1),
    ("MIN_PRECISION", 0),
    ("SIZES", [0]),
    ("SIZES", (2, 6)),
    ("SIZES", range(7)),
    ("PRICES", [0, 0.6]),
    ("LLM", "offline"),
    ("LLM", "hf:meta-llama/Llama-3.1-8B-Instruct"),
    ("LLM", "hf:model@https://x.endpoints.huggingface.cloud/v1"),
    ("LLM", "openai:qwen2.5:7b@http://localhost:11434/v1"),
    ("LLM", "transformers:models/a@b"),
    ("PUSH_TO", ""),
    ("PUSH_TO", "news"),
    ("PUSH_TO", "me/news_2.0"),
]


@pytest.mark.parametrize(("name", "value", "said"), WRONG)
def test_a_wrong_value_is_named_with_what_it_may_be(name, value, said):
    with pytest.raises(NotebookParameterError) as error:
        check_parameters({name: value})
    (problem,) = str(error.value).splitlines()[1:]
    assert problem.strip().startswith(name)
    assert said in problem


@pytest.mark.parametrize(("name", "value"), RIGHT)
def test_a_right_value_passes(name, value):
    check_parameters({name: value})


def test_all_problems_are_listed_at_once():
    values = {"DATA": "bundled", "ANNOTATOR": "simulate", "SEED": "seven", "N_REVIEW": -1, "OTHER": None}
    with pytest.raises(NotebookParameterError) as error:
        check_parameters(values)
    named = [line.split()[0] for line in str(error.value).splitlines()[1:]]
    assert sorted(named) == ["ANNOTATOR", "N_REVIEW", "SEED"]


@given(
    st.sampled_from(sorted(RULES)),
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.integers() | st.text()),
)
def test_any_value_passes_or_is_refused_in_one_line(name, value):
    said = "These parameters pass.\n"
    try:
        check_parameters({name: value})
    except NotebookParameterError as error:
        said = str(error)
    assert said.startswith("These parameters")
    assert len(said.splitlines()) <= 2


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_defaults_of_the_notebooks_pass(path):
    cells = nbformat.read(path, as_version=4).cells
    (cell,) = [cell for cell in cells if "parameters" in cell.metadata.get("tags", [])]
    defaults = {
        statement.targets[0].id: ast.literal_eval(statement.value)
        for statement in ast.parse(cell.source).body
    }
    check_parameters(defaults)
