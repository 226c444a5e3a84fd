"""The language model that one setting names."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from helpers.llm_labelling.cache import AnswerCache, default_path
from helpers.llm_labelling.cached_llm import CachedLLM
from helpers.llm_labelling.errors import LlmSettingError
from helpers.llm_labelling.patience import Patience

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

    from helpers.llm_labelling.quiet_distilabel import LLM

OPENAI_URL = "https://api.openai.com/v1"
HUGGING_FACE_URL = "https://router.huggingface.co/v1"

MAX_NEW_TOKENS = 64
"""More than enough for a label as JSON."""

_FORMS = "'offline', 'hf:MODEL', 'openai:MODEL' (either may end in '@URL') or 'transformers:MODEL'"


def load_llm(
    setting: str,
    *,
    encoder: SentenceTransformer | None = None,
    cache: str | Path | None = None,
    concurrency: int = 8,
    patience: Patience | None = None,
    scores: bool = True,
    timeout_s: int = 120,
) -> CachedLLM:
    """Return the language model to label with, and print which it is.

    Parameters
    ----------
    setting
        ``"offline"``: the sentence encoder as a stand-in, see
        :class:`~helpers.llm_labelling.stand_in.EncoderLLM`.

        ``"hf:MODEL"``: Hugging Face inference providers, with the token in ``HF_TOKEN``;
        ``"hf:MODEL@https://....endpoints.huggingface.cloud/v1"``: an inference endpoint of your own.

        ``"openai:MODEL"``: what speaks OpenAI's chat protocol at ``OPENAI_BASE_URL`` (by default OpenAI) with
        the key in ``OPENAI_API_KEY``; ``"openai:MODEL@http://localhost:8000/v1"`` names the address: vLLM,
        llama.cpp, Ollama, another host.

        ``"transformers:MODEL"``: a chat model from the Hub or a folder, in this process.
    encoder
        The sentence encoder, for ``"offline"`` only.
    cache
        The file of answers; by default one in the user's data directory.
    concurrency
        How many requests are under way at once.
    patience
        When to ask an endpoint again.
    scores
        Whether to ask an endpoint for log-probabilities, from which suggestions get their scores. Some do
        not offer them and refuse.
    timeout_s
        Seconds to wait for one answer of an endpoint.

    Raises
    ------
    LlmSettingError
        The setting has none of these forms, or what it needs is missing.
    """
    kind, _, rest = setting.partition(":")
    model, _, url = rest.partition("@") if kind in ("hf", "openai") else (rest, "", "")
    llm: LLM
    if setting == "offline":
        if encoder is None:
            raise LlmSettingError("'offline' needs the sentence encoder: load_llm('offline', encoder=...).")
        from helpers.llm_labelling.stand_in import EncoderLLM

        print("No language model is configured: the sentence encoder stands in for one.")
        return CachedLLM(llm=EncoderLLM(encoder=encoder), concurrency=10_000)
    if not model or kind not in ("hf", "openai", "transformers"):
        raise LlmSettingError(f"LLM={setting!r} names no back end. Give {_FORMS}.")
    if kind == "transformers":
        llm = _in_process(model)
    elif kind == "hf":
        llm = _endpoint(model, url or HUGGING_FACE_URL, _key("HF_TOKEN"), scores, timeout_s)
    else:
        url = url or os.environ.get("OPENAI_BASE_URL", OPENAI_URL)
        # Servers of your own ask for no key, but the client insists on one.
        key = _key("OPENAI_API_KEY") if url == OPENAI_URL else os.environ.get("OPENAI_API_KEY", "none")
        llm = _endpoint(model, url, key, scores, timeout_s)
    where = "in this process" if kind == "transformers" else f"at {llm.base_url}"
    print(f"Language model: {model} {where}.")
    return CachedLLM(
        llm=llm,
        cache=AnswerCache(cache or default_path()),
        concurrency=concurrency,
        patience=patience or Patience(),
    )


def is_stand_in(llm: LLM) -> bool:
    """Whether it is the encoder in place of a language model, to be said wherever its figures are."""
    from helpers.llm_labelling.stand_in import EncoderLLM

    return isinstance(llm.llm if isinstance(llm, CachedLLM) else llm, EncoderLLM)


def _key(variable: str) -> str:
    key = os.environ.get(variable)
    if not key:
        raise LlmSettingError(f"There is no API key: set {variable}, or LLM = 'offline' to go on without.")
    return key


def _endpoint(model: str, url: str, key: str, scores: bool, timeout_s: int) -> LLM:
    # distilabel's InferenceEndpointsLLM calls a method that huggingface_hub no longer has, and hides the
    # status and Retry-After of a failed request. Hugging Face speaks OpenAI's protocol too.
    from helpers.llm_labelling.quiet_distilabel import OpenAILLM

    asked: dict[str, Any] = {"temperature": 0.0, "max_new_tokens": MAX_NEW_TOKENS}
    if scores:
        asked |= {"logprobs": True, "top_logprobs": 1}
    return OpenAILLM(
        model=model, base_url=url, api_key=key, max_retries=0, timeout=timeout_s, generation_kwargs=asked
    )


def _in_process(model: str) -> LLM:
    from helpers.llm_labelling.quiet_distilabel import TransformersLLM

    # The most probable answer; distilabel passes sampling parameters on, of which transformers warns.
    asked = {"do_sample": False, "temperature": 1.0, "top_k": 50, "max_new_tokens": MAX_NEW_TOKENS}
    return TransformersLLM(model=model, generation_kwargs=asked)
