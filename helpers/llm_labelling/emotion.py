"""The dataset of customer reviews: one text, one question."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helpers.data.reviews import LABELS

if TYPE_CHECKING:
    import argilla as rg

GUIDELINES = """\
Read the review to its end, then decide how its writer feels about the product now. Irony means the opposite
of its words; anger that has passed does not count, nor does trouble with the shop.

positive: satisfied, would buy it again or recommends it
neutral: a matter-of-fact or mixed review, neither recommending nor warning
negative: disappointed, sends it back or warns of it"""


def emotion_settings(client: rg.Argilla, *, min_submitted: int = 1) -> rg.Settings:
    """Return the settings of a dataset in which each review gets an emotion.

    `min_submitted` is as in `helpers.annotation.text_classification_settings`.
    """
    import argilla as rg

    return rg.Settings(
        fields=[rg.TextField("text", client=client)],
        questions=[rg.LabelQuestion("label", title="Emotion", labels=list(LABELS), client=client)],
        guidelines=GUIDELINES,
        distribution=rg.TaskDistribution(min_submitted=min_submitted),
    )
