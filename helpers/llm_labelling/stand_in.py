"""A sentence encoder in the place of a language model, for runs without one."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import PrivateAttr
from scipy.special import log_softmax

from helpers.data.encoder import encode
from helpers.llm_labelling.cached_llm import Messages, Output
from helpers.llm_labelling.errors import PromptError
from helpers.llm_labelling.quiet_distilabel import LLM

NAME = "sentence encoder (stand-in)"

_PROMPT = re.compile(
    r"(?:\n# Guidelines\n(?P<guidelines>.*?))?"
    r"(?:\n# Examples\n(?P<examples>.*?))?"
    r"\n# Question\nquestion: [^\n]*\noptional labels: (?P<labels>\[[^\n]*\])"
    r"\n\n# Fields\nfields: (?P<text>.*)\nresponse:\s*$",
    re.DOTALL,
)
_EXAMPLE = re.compile(r'fields: (.*?)\nresponse: (\{"label":.*?\})(?:\n|$)', re.DOTALL)

# How many examples the label's description counts for. On reviews and on news, 2 to 4 was best.
_DESCRIPTION_WEIGHT = 3.0
# Turns differences of cosines into probabilities; the label does not depend on it.
_SHARPNESS = 20.0


class Prompt(NamedTuple):
    """What a prompt of ArgillaLabeller says.

    Attributes
    ----------
    labels
        The labels to choose from.
    descriptions
        For each label, what describes it: phrases of the guidelines, else its name as a sentence.
    examples
        Pairs of text and label.
    text
        The text to label.
    """

    labels: tuple[str, ...]
    descriptions: tuple[tuple[str, ...], ...]
    examples: tuple[tuple[str, str], ...]
    text: str


def read_prompt(messages: Messages) -> Prompt:
    r"""Take apart a prompt of ArgillaLabeller.

    Raises
    ------
    PromptError
        It is none, or not one for a single label.

    Examples
    --------
    >>> question = "\n# Question\nquestion: Which?\noptional labels: ['a', 'b']\n"
    >>> prompt = read_prompt([{"role": "user", "content": question + "\n# Fields\nfields: T\nresponse:"}])
    >>> prompt.labels, prompt.descriptions, prompt.text
    (('a', 'b'), (('This is about a.',), ('This is about b.',)), 'T')
    """
    found = _PROMPT.search(messages[-1]["content"])
    if found is None:
        raise PromptError(
            "The stand-in answers only ArgillaLabeller's prompts for one label, and this is none:"
            f" {messages[-1]['content'][:200]!r}. Set LLM to a language model for other prompts."
        )
    labels = tuple(ast.literal_eval(found["labels"]))
    examples = _EXAMPLE.findall(found["examples"] or "")
    return Prompt(
        labels,
        tuple(_describe(label, found["guidelines"] or "") for label in labels),
        tuple((text, json.loads(answer)["label"]) for text, answer in examples),
        found["text"],
    )


class EncoderLLM(LLM):  # type: ignore[misc]
    """Answers ArgillaLabeller's prompts from nothing but their words, without training.

    To the sentence encoder each label is a point: the mean of the phrases that describe it, plus the examples
    with that label. The phrases are those of the guidelines' line that begins with the label and a colon;
    without any, it is the label's name. The label whose point is most similar to the text is the answer. That
    is a nearest-prototype classifier [1]_ with names and descriptions as prototypes [2]_, and no language
    model: say so wherever its figures appear.

    Parameters
    ----------
    encoder
        What :func:`helpers.data.encoder.load_encoder` returns.

    References
    ----------
    .. [1] J. Snell, K. Swersky, R. Zemel. Prototypical Networks for Few-shot Learning. NeurIPS 2017.
    .. [2] M.-W. Chang et al. Importance of Semantic Representation: Dataless Classification. AAAI 2008.
    """

    encoder: Any
    _vectors: dict[str, NDArray[np.float32]] = PrivateAttr(default_factory=dict)

    @property
    def model_name(self) -> str:
        """What its suggestions are signed with."""
        return NAME

    def generate(self, inputs: list[Messages], num_generations: int = 1, **kwargs: Any) -> list[Output]:
        """Answer prompts; a text is encoded when it is first seen in one.

        Raises
        ------
        PromptError
            One is no prompt of ArgillaLabeller for a single label.
        """
        prompts = [read_prompt(messages) for messages in inputs]
        texts = dict.fromkeys(text for prompt in prompts for text in _texts(prompt))
        new = [text for text in texts if text not in self._vectors]
        self._vectors.update(zip(new, encode(self.encoder, new), strict=True))
        return [_answer(prompt, self._vectors) for prompt in prompts]


def _describe(label: str, guidelines: str) -> tuple[str, ...]:
    pattern = rf"^[-*\s]*{re.escape(label)}[*]*:(.*)$"
    line = re.search(pattern, guidelines, re.MULTILINE)
    line = line or re.search(pattern, guidelines, re.MULTILINE | re.IGNORECASE)
    parts = re.split(r"[,;:.]| or | and ", line[1] if line else "")
    phrases = tuple(part.strip(" *") for part in parts if part.strip(" *"))
    return (
        phrases or tuple(f"This is about {word}." for word in re.findall(r"[^\s/,&_-]+", label)) or (label,)
    )


def _texts(prompt: Prompt) -> list[str]:
    descriptions = [phrase for phrases in prompt.descriptions for phrase in phrases]
    return [prompt.text, *descriptions, *(text for text, _ in prompt.examples)]


def _answer(prompt: Prompt, vectors: Mapping[str, NDArray[np.float32]]) -> Output:
    points = np.empty((len(prompt.labels), len(vectors[prompt.text])))
    for row, (label, phrases) in enumerate(zip(prompt.labels, prompt.descriptions, strict=True)):
        description = _unit(np.mean([vectors[phrase] for phrase in phrases], axis=0))
        examples = [vectors[text] for text, own in prompt.examples if own == label]
        points[row] = _unit(_DESCRIPTION_WEIGHT * description + np.sum(examples, axis=0))
    log_probabilities = log_softmax(_SHARPNESS * (points @ vectors[prompt.text]))
    best = int(log_probabilities.argmax())
    label = prompt.labels[best]
    before, after = '{"label": ', "}"
    places = [
        [{"token": before, "logprob": 0.0}],
        [{"token": json.dumps(label), "logprob": float(log_probabilities[best])}],
        [{"token": after, "logprob": 0.0}],
    ]
    return {"generations": [before + json.dumps(label) + after], "statistics": {}, "logprobs": [places]}


def _unit(vector: NDArray[np.floating]) -> NDArray[np.floating]:
    # A sum of vectors that cancel out points nowhere.
    return vector / (np.linalg.norm(vector) or 1.0)
