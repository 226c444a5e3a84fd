"""A distilabel LLM around another: answers kept, requests at once, patience, progress."""

from __future__ import annotations

import asyncio
import hashlib
import json
import threading
from collections.abc import Callable, Coroutine, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from pydantic import Field, PrivateAttr

from helpers.data.encoder import whole_characters
from helpers.llm_labelling.cache import AnswerCache
from helpers.llm_labelling.patience import NoAnswerError, Patience
from helpers.llm_labelling.quiet_distilabel import LLM, OpenAILLM

if TYPE_CHECKING:
    from tqdm import tqdm

Messages: TypeAlias = list[dict[str, str]]
Output: TypeAlias = dict[str, Any]
"""What a distilabel LLM returns for one prompt: ``generations``, ``statistics`` and maybe ``logprobs``."""

_NO_ANSWER: Output = {"generations": [None], "statistics": {}}


class CachedLLM(LLM):  # type: ignore[misc]
    """Asks another LLM, and never twice for the same answer.

    Each answer is kept the moment it arrives, so an interrupted run loses only the requests in flight. A
    request that fails for good gets no answer and is not kept; the others go on.

    Parameters
    ----------
    llm
        The LLM to ask, with its ``generation_kwargs``. It is loaded when an answer is missing. An `OpenAILLM`
        is asked many things at once, any other in batches.
    cache
        Where answers are kept; None for an LLM that costs nothing.
    concurrency
        How many requests are under way at once, or how many prompts an LLM in this process gets at a time.
    patience
        When to ask an endpoint again.

    Attributes
    ----------
    n_asked, n_cached : int
        How many different prompts were answered by the LLM, and were answered from the cache.
    input_tokens, output_tokens : int
        What was asked and answered, as the LLM counts it; nothing for what came from the cache.
    """

    llm: LLM
    cache: AnswerCache | None = None
    concurrency: int = Field(default=8, ge=1)
    patience: Patience = Patience()

    n_asked: int = 0
    n_cached: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    _failures: dict[str, str] = PrivateAttr(default_factory=dict)

    @property
    def model_name(self) -> str:
        """The name of the model that answers."""
        return str(self.llm.model_name)

    def failure(self, messages: Messages) -> str | None:
        """Say why a prompt got no answer in the last run that asked it, or None where it got one."""
        return self._failures.get(self._key(messages))

    def is_cached(self, messages: Messages) -> bool:
        """Whether the answer to a prompt is there already."""
        return self.cache is not None and self.cache.get(self._key(messages)) is not None

    def generate(self, inputs: list[Messages], num_generations: int = 1, **kwargs: Any) -> list[Output]:
        """Answer prompts, with a progress bar, each different prompt once.

        Raises
        ------
        LlmRefusedError
            The endpoint refuses every request. What was answered before is kept.
        """
        from tqdm.auto import tqdm

        keys = [self._key(messages) for messages in inputs]
        prompts = dict(zip(keys, inputs, strict=True))
        kept = {key: self.cache.get(key) for key in prompts} if self.cache is not None else {}
        answers = {key: answer for key, answer in kept.items() if answer is not None}
        missing = {key: _whole(messages) for key, messages in prompts.items() if key not in answers}
        self.n_cached += len(answers)
        for key in prompts:
            self._failures.pop(key, None)
        with tqdm(total=len(prompts), initial=len(answers), desc="Asking", unit="prompt") as bar:
            if missing:
                self._ask(missing, answers, bar)
        return [answers.get(key, _NO_ANSWER) for key in keys]

    def _ask(self, missing: dict[str, Messages], answers: dict[str, Output], bar: tqdm[Any]) -> None:
        def arrived(key: str, answer: Output) -> None:
            if self.cache is not None:
                self.cache.put(key, answer)
            answers[key] = answer
            self.n_asked += 1
            statistics = answer["statistics"]
            self.input_tokens += sum(statistics.get("input_tokens", []))
            self.output_tokens += sum(statistics.get("output_tokens", []))
            bar.update()

        self.llm.load()
        if isinstance(self.llm, OpenAILLM):
            _run_apart(self._ask_at_once(self.llm, missing, arrived))
        else:
            self._ask_in_batches(missing, arrived)

    async def _ask_at_once(
        self, llm: OpenAILLM, missing: dict[str, Messages], arrived: Callable[[str, Output], None]
    ) -> None:
        free = asyncio.Semaphore(self.concurrency)

        async def ask(key: str, messages: Messages) -> None:
            async with free:
                try:
                    answer = await self.patience.ask(lambda: _generate(llm, messages))
                except NoAnswerError as error:
                    self._failures[key] = str(error)
                else:
                    arrived(key, answer)

        try:
            async with asyncio.TaskGroup() as tasks:
                for key, messages in missing.items():
                    tasks.create_task(ask(key, messages))
        except* Exception as errors:
            raise errors.exceptions[0] from None
        finally:
            await llm._aclient.close()

    def _ask_in_batches(self, missing: dict[str, Messages], arrived: Callable[[str, Output], None]) -> None:
        keys = list(missing)
        for start in range(0, len(keys), self.concurrency):
            batch = keys[start : start + self.concurrency]
            outputs: Sequence[Output] = self.llm.generate_outputs(
                inputs=[missing[key] for key in batch], **self.llm.generation_kwargs
            )
            for key, answer in zip(batch, outputs, strict=True):
                arrived(key, answer)

    def _key(self, messages: Messages) -> str:
        asked = [
            type(self.llm).__name__,
            str(getattr(self.llm, "base_url", "")),
            self.model_name,
            self.llm.generation_kwargs,
            messages,
        ]
        return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


def _whole(messages: Messages) -> Messages:
    """Return a prompt that can be sent: half a character has no encoding."""
    return [{part: whole_characters(text) for part, text in each.items()} for each in messages]


async def _generate(llm: OpenAILLM, messages: Messages) -> Output:
    """Ask once. What comes with status 200 may still be no answer: an error report, a page of a proxy."""
    try:
        answer: Output = await llm.agenerate(input=messages, **llm.generation_kwargs)
    except (AttributeError, TypeError, ValueError) as error:
        # Neither the client nor distilabel checks that what it takes apart is a chat completion.
        raise NoAnswerError(f"the endpoint sent something else than an answer: {error}") from error
    if not answer["generations"]:
        raise NoAnswerError("the endpoint sent an answer without choices")
    return answer


def _run_apart(work: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine on a thread of its own, because a notebook's event loop is running already."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    future = asyncio.run_coroutine_threadsafe(work, loop)
    try:
        future.result()
    finally:
        # After an interruption the requests in flight are given up.
        future.cancel()
        asyncio.run_coroutine_threadsafe(_settle(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _settle() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    await asyncio.gather(*others, return_exceptions=True)
