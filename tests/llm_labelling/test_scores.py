import json
import math

import pytest

from helpers.llm_labelling.scores import label_score


def places(*tokens):
    return [[{"token": token, "logprob": logprob}] for token, logprob in tokens]


@pytest.mark.parametrize("logprob", [math.nan, math.inf])
def test_a_probability_that_is_no_number_is_no_score(logprob):
    answer = '{"label": "good"}'
    assert label_score(answer, "good", places(('{"label": "', 0.0), ("good", logprob), ('"}', 0.0))) is None
    # Nor does it pass for the most probable token.
    other = [{"token": "bad", "logprob": -1.0}, {"token": "x", "logprob": logprob}]
    assert label_score(answer, "good", [places((answer, 0.0))[0], other]) is None
    assert label_score(answer, "good", places((answer, -math.inf))) == 0


LABELS = [
    "label",
    "fields",
    'the "best"',
    "a\\b",
    "new\nline",
    "日本",
    "👍",
    "{x}",
    "l",
    "a]",
    "None",
    "\u2028",
]


@pytest.mark.parametrize("ensure_ascii", [True, False])
@pytest.mark.parametrize("label", LABELS, ids=ascii)
def test_any_label_is_found_where_it_stands_in_the_answer(label, ensure_ascii):
    value = json.dumps(label, ensure_ascii=ensure_ascii)
    answer = f'{{"why": "label", "label": {value}}}'
    tokens = ('{"why": "label", "label": "', -9.0), (value[1:-1], math.log(0.5)), ('"}', -9.0)
    assert label_score(answer, label, places(*tokens)) == pytest.approx(0.5)


def test_what_is_no_string_of_json_is_no_label():
    answer = r'{"label": "\x"}'
    assert label_score(answer, "x", places((answer, 0.0))) is None
