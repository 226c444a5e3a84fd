import math

from helpers.llm_labelling.scores import label_score


def test_a_probability_that_is_no_number_is_no_score():
    places = [[{"token": "good", "logprob": math.nan}]]
    assert label_score("good", "good", places) is None
