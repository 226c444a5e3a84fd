"""An annotator made of gold labels, for runs without a person."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter
from typing import TYPE_CHECKING, Any, TypeAlias
from uuid import UUID

from helpers.annotation.errors import (
    ErrorRateError,
    GoldLabelError,
    ResponseRefusedError,
    UnsupportedQuestionError,
)
from helpers.annotation.users import ensure_user
from helpers.values import is_missing

if TYPE_CHECKING:
    import argilla as rg

SIMULATED_USERNAME = "simulated"

# A label, or spans as a list of mappings: the question decides, which no type can say.
Answer: TypeAlias = Any

_CREATED, _CONFLICT = 201, 409


class SimulatedAnnotator:
    """Answers a label or span question from gold, with a settable share of wrong answers.

    Where the client's key belongs to an owner, it answers as a user of its own, called ``simulated``, which
    is created when missing; so nothing it says is ever mistaken for a person's. With any other key it
    answers as the key's user.

    What it answers on a record depends on the seed and the record's id alone: not on the order, nor on what
    else it is asked.

    Parameters
    ----------
    client
        A connection to an Argilla server.
    question
        The question to answer, such as ``dataset.questions["label"]``.
    gold
        The right answer by record id: a label, or spans as Argilla has them, that is a list of
        ``{"label": ..., "start": ..., "end": ...}``, counted in UTF-16 code units as browsers do.
    error_rate
        The probability of a wrong answer. A wrong label is any of the others with equal chance. Wrong spans
        lack one of the right ones, or give it another label, with equal chance; where there is no span,
        there is nothing to get wrong.
    seed
        Decides which answers are wrong.

    Attributes
    ----------
    user_id : UUID
        As whom it answers.

    Raises
    ------
    ErrorRateError
        If `error_rate` is not between 0 and 1.
    GoldLabelError
        If a gold label is not one of the question's, or spans are no spans.
    UnsupportedQuestionError
        If the question is neither a label nor a span question.
    """

    def __init__(
        self,
        client: rg.Argilla,
        question: rg.LabelQuestion | rg.SpanQuestion,
        gold: Mapping[str, Answer],
        error_rate: float = 0.0,
        seed: int = 0,
    ) -> None:
        if not 0 <= error_rate <= 1:
            raise ErrorRateError(f"error_rate is {error_rate}. It is a share: give a number from 0 to 1.")
        self._gives_spans = _gives_spans(question)
        for record_id, right in gold.items():
            for label in _labels_of_spans(record_id, right) if self._gives_spans else [right]:
                if is_missing(label) or label not in question.labels:
                    raise GoldLabelError(
                        f"The gold label of record {record_id!r} is {label!r}, not one of {question.labels}."
                    )
        self.gold = gold
        self.error_rate = error_rate
        self.seed = seed
        self._client = client
        self._question = question
        self.user_id, self._key = _identity(client)

    def answer(self, record_id: str) -> Answer:
        """Return the label or the spans that it gives to a record.

        Raises
        ------
        GoldLabelError
            If there is no gold label for it.
        """
        if record_id not in self.gold:
            raise GoldLabelError(f"There is no gold label for record {record_id!r}. Add it, or leave it out.")
        right = self.gold[record_id]
        draw = random.Random(f"{self.seed}/{record_id}")
        if draw.random() >= self.error_rate:
            return right
        labels = self._question.labels
        return _wrong_spans(right, labels, draw) if self._gives_spans else _another(labels, right, draw)

    def response(self, record_id: str) -> rg.Response:
        """Return its answer as a response to log together with the record, many at once.

        The server raises no event for such a response: listeners hear only of those of `annotate`.
        """
        import argilla as rg

        return rg.Response(
            self._question.name, self.answer(record_id), user_id=self.user_id, status="submitted"
        )

    def annotate(self, records: Iterable[rg.Record]) -> int:
        """Submit an answer for each record, one by one as the web UI does, with a progress bar.

        Records that it has answered before are left as they are.

        Parameters
        ----------
        records
            Records as they come from the server.

        Returns
        -------
        int
            How many answers were new.

        Raises
        ------
        GoldLabelError
            If there is no gold label for a record.
        ResponseRefusedError
            If the server does not take an answer.
        """
        from tqdm.auto import tqdm

        pending = list(records)
        if pending:
            self._join(pending[0].dataset.workspace)
        bar = tqdm(pending, unit="record", desc="Annotating", delay=3)
        return sum(self._submit(record) for record in bar)

    def _join(self, workspace: rg.Workspace) -> None:
        if self.user_id == self._client.me.id:
            return
        response = self._client.http_client.post(
            f"/api/v1/workspaces/{workspace.id}/users", json={"user_id": str(self.user_id)}
        )
        if response.status_code != _CONFLICT:  # it is a member already
            response.raise_for_status()

    def _submit(self, record: rg.Record) -> bool:
        response = self._client.http_client.post(
            f"/api/v1/records/{record._server_id}/responses",
            json={"values": {self._question.name: {"value": self.answer(record.id)}}, "status": "submitted"},
            headers={"X-Argilla-Api-Key": self._key},
        )
        if response.status_code not in (_CREATED, _CONFLICT):
            raise ResponseRefusedError(
                f"The server did not take the answer to record {record.id!r} "
                f"(status {response.status_code}): {response.text}"
            )
        return bool(response.status_code == _CREATED)


def _gives_spans(question: Any) -> bool:
    import argilla as rg

    # Argilla's class of questions with several labels is derived from that of those with one.
    if not isinstance(question, rg.LabelQuestion | rg.SpanQuestion) or isinstance(
        question, rg.MultiLabelQuestion
    ):
        raise UnsupportedQuestionError(
            f"The simulated annotator answers label and span questions, and {question.name!r} is a "
            f"{type(question).__name__}."
        )
    return isinstance(question, rg.SpanQuestion)


def _labels_of_spans(record_id: str, right: Answer) -> list[str]:
    try:
        return [label for label, _, _ in map(itemgetter("label", "start", "end"), right)]
    except (TypeError, KeyError) as error:
        raise GoldLabelError(
            f"The gold of record {record_id!r} is {right!r}, no list of "
            '{"label": ..., "start": ..., "end": ...}.'
        ) from error


def _another(labels: Sequence[str], right: str, draw: random.Random) -> str:
    return draw.choice([label for label in labels if label != right])


def _wrong_spans(
    right: Sequence[Mapping[str, Any]], labels: Sequence[str], draw: random.Random
) -> list[Mapping[str, Any]]:
    wrong = list(right)
    if wrong:
        span = wrong.pop(draw.randrange(len(wrong)))
        # With one label only, there is no other to give.
        if len(labels) > 1 and draw.random() < 0.5:
            wrong.append({**span, "label": _another(labels, span["label"], draw)})
    return wrong


def _identity(client: rg.Argilla) -> tuple[UUID, str]:
    """Return the user id and the key to answer with; only an owner may list and create users."""
    if client.me.role.value != "owner":
        return client.me.id, client.api_key
    user = ensure_user(client, SIMULATED_USERNAME, "Simulated annotator")
    return UUID(user["id"]), user["api_key"]
