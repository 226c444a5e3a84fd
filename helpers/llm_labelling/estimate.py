"""What labeling would ask and cost, before anything is asked."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from helpers.llm_labelling.prompts import Example, LabelingTask, as_text, make_labeller, why_no_text

if TYPE_CHECKING:
    import argilla as rg

    from helpers.llm_labelling.cached_llm import CachedLLM

CHARACTERS_PER_TOKEN = 4
"""A rule of thumb for English."""

_TOKENS_PER_ANSWER = 8


@dataclass(frozen=True)
class Estimate:
    """What a run would ask.

    Attributes
    ----------
    first_prompt
        The first record's prompt.
    n_prompts, n_cached
        How many different prompts there are, and how many of them are answered already.
    input_tokens, output_tokens
        Roughly what the others would take.
    cost
        What that costs, in the currency of the prices; None without prices.
    cost_per_1000
        What 1,000 such prompts cost, were none of them answered before; None without prices.
    """

    first_prompt: str
    n_prompts: int
    n_cached: int
    input_tokens: int
    output_tokens: int
    cost: float | None
    cost_per_1000: float | None

    def __str__(self) -> str:
        cost = "" if self.cost is None else f", at a cost of about {self.cost:.4f}"
        return (
            f"{self.first_prompt}\n\n{self.n_prompts} prompts, {self.n_cached} of them answered before."
            f" The others take about {self.input_tokens:,} tokens, and {self.output_tokens:,} for the"
            f" answers{cost}."
        )


def dry_run(
    llm: CachedLLM,
    records: Sequence[rg.Record | dict[str, Any]],
    task: LabelingTask,
    *,
    examples: Sequence[Example] = (),
    prices: tuple[float, float] | None = None,
) -> Estimate:
    """Return the first prompt and an estimate of tokens and cost; nothing is asked.

    Records without a text are left out, as they are not asked about.

    Parameters
    ----------
    llm, records, task, examples
        As for :func:`~helpers.llm_labelling.labeling.label_records`.
    prices
        What a million tokens cost, asked and answered.

    Raises
    ------
    ExampleError
        An example has no response to the question.
    """
    labeller = make_labeller(llm, task, examples)
    prompts = {}
    for each in records:
        record = each if isinstance(each, dict) else each.to_dict()
        if why_no_text(record, task.field):
            continue
        messages = labeller.format_input({"record": record})
        prompts[as_text(messages)] = messages
    missing = [text for text, messages in prompts.items() if not llm.is_cached(messages)]
    tokens = _tokens(missing)
    return Estimate(
        first_prompt=next(iter(prompts), ""),
        n_prompts=len(prompts),
        n_cached=len(prompts) - len(missing),
        input_tokens=tokens[0],
        output_tokens=tokens[1],
        cost=prices and _cost(tokens, prices),
        cost_per_1000=prices and 1000 * _cost(_tokens(prompts), prices) / max(1, len(prompts)),
    )


def _tokens(prompts: Collection[str]) -> tuple[int, int]:
    """Return how many are asked, and how many answered."""
    return sum(len(text) for text in prompts) // CHARACTERS_PER_TOKEN, _TOKENS_PER_ANSWER * len(prompts)


def _cost(tokens: tuple[int, int], prices: tuple[float, float]) -> float:
    return (tokens[0] * prices[0] + tokens[1] * prices[1]) / 1e6
