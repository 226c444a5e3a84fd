"""The loop: ask about a batch, wait for the answers, learn, accept what is certain, ask again."""

from __future__ import annotations

import random
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from helpers.active_learning.embeddings import Embeddings
from helpers.active_learning.errors import (
    BatchUnfinishedError,
    LackingLabelsWarning,
    NothingHeardError,
    SettingError,
    TooFewLabelsError,
    UnknownLabelError,
    UnknownRecordError,
)
from helpers.active_learning.events import ResponseEvent
from helpers.active_learning.examples import is_enough, lacking, say_lacking
from helpers.active_learning.learners import Learner
from helpers.active_learning.listener import INTERVAL_S, Listener, Transport
from helpers.active_learning.scores import scores_of
from helpers.active_learning.server import write
from helpers.active_learning.state import (
    AUDIT,
    AUTO_ACCEPTED,
    BATCH,
    RecordState,
    State,
    find_former_model,
    read_state,
)
from helpers.active_learning.stopping import Share, StablePredictions, agreement
from helpers.active_learning.strategies import Pool, Strategy, clusters, mixed
from helpers.annotation import Link, label_question, records_by_id, ui_link
from helpers.annotation.agents import agent_name
from helpers.annotation.datasets import label_options
from helpers.annotation.updates import Change
from helpers.values import as_list

if TYPE_CHECKING:
    import argilla as rg

AUDITS_A_BATCH = 1


def active_learning_settings(
    client: rg.Argilla, labels: Sequence[str], *, guidelines: str | None = None, min_submitted: int = 1
) -> rg.Settings:
    """Return the settings of a dataset in which texts get one label each, batch by batch.

    Records may have other metadata besides; they stay as they are. The names that begin with
    ``active_learning_`` are the loop's. `min_submitted` is as in
    `helpers.annotation.text_classification_settings`.
    """
    import argilla as rg

    return rg.Settings(
        fields=[rg.TextField("text", client=client)],
        questions=[rg.LabelQuestion("label", labels=label_options(labels), client=client)],
        metadata=[
            rg.IntegerMetadataProperty(BATCH, client=client),
            # Whoever checks a prediction must not see it.
            rg.TermsMetadataProperty(AUDIT, visible_for_annotators=False, client=client),
        ],
        guidelines=guidelines,
        allow_extra_metadata=True,
        distribution=rg.TaskDistribution(min_submitted=min_submitted),
    )


class Prediction(NamedTuple):
    """The best label for a record, and its score."""

    value: str
    score: float


@dataclass(frozen=True)
class Batch:
    """Records to ask about.

    Attributes
    ----------
    number
        From 0; it stands in the records' metadata.
    ids
        All its records, as they were logged.
    waiting
        Those that nobody has labeled or discarded yet.
    dataset
        Where they are.
    """

    number: int
    ids: tuple[str, ...]
    waiting: tuple[str, ...]
    dataset: rg.Dataset = field(repr=False, compare=False)

    @property
    def link(self) -> Link:
        """A link by which the web UI shows its records and no others."""
        text = f"Batch {self.number}: {len(self.waiting)} records to label or discard"
        return ui_link(self.dataset, text, metadata={BATCH: self.number})

    def records(self) -> list[rg.Record]:
        """Return the records that wait, as a simulated annotator wants them."""
        return list(records_by_id(self.dataset, self.waiting))


@dataclass(frozen=True)
class Round:
    """Where things stand after a batch.

    Attributes
    ----------
    batch
        The number of the batch.
    asked
        Its records.
    labels
        How many records have a person's label.
    discarded
        How many records were discarded.
    disputed
        How many have answers that disagree; they are not learned from.
    accepted
        How many labels were taken without a person.
    probabilities
        The learner's scores of all records, in the order of `State.records`, shape (records, labels). None
        as long as it has not learned, since some label has too few examples.
    agreement
        With the predictions of the round before, None without.
    lacking
        How many examples each label has that has too few.
    """

    batch: int
    asked: tuple[str, ...]
    labels: int
    discarded: int
    disputed: int
    accepted: int
    probabilities: NDArray[np.float64] | None = field(repr=False)
    agreement: float | None
    lacking: Mapping[str, int] = field(default_factory=dict)


class ActiveLearning:
    """Active learning on an Argilla dataset.

    Everything that matters is in Argilla: labels are responses, a record's batch is in its metadata, and what
    was taken without a person is a suggestion of the agent ``auto-accepted``. Such a record stays among those
    that wait for an answer; a person who opens it finds the label preselected, and any answer replaces it. So
    it may be interrupted anywhere and run again, also by another process: it goes on where it was, with the
    same choices.

    A discarded record counts towards its batch. Where persons disagree the majority decides; a record with a
    tie is left out until somebody settles it. Labels that were taken without a person are never learned from.
    A record has one suggestion, and one of another agent stays: for such a record nothing is suggested or
    accepted.

    As long as some label has too few examples, typical records are asked about and nothing is learned. A
    label that is rare, or never occurs, is waited for until there are twice as many labels as the first batch
    has records, or until nobody will be asked again; then the loop learns from the labels that have examples
    and says which lack some. Until these have them, it accepts nothing.

    Of the predictions above the threshold a share, drawn at random, is not taken but kept as a check: persons
    are asked about these records without seeing the prediction. Their answers tell how good the accepted
    labels are (`accepted_precision`).

    Parameters
    ----------
    dataset
        A dataset of `active_learning_settings`, with its records.
    learner
        Learns from the labels.
    embeddings
        The frozen encoder's vectors, for the choice of records.
    strategy
        Chooses the records of a batch.
    start
        Chooses them as long as some label has too few examples.
    start_size
        Records of the first batch.
    least_per_label
        Examples that each label must have before predictions count for anything.
    batch_size
        Records of each other batch.
    threshold
        The score from which a prediction is taken without a person; above 1, none is.
    audit_share
        The share of those that is kept as a check instead.
    seed
        Decides what is drawn.
    question
        The label question, by default the only one.
    text_field
        The field with the text.

    Raises
    ------
    UnknownLabelError
        If the learner does not know the question's labels, or knows others.
    QuestionNotFoundError
        If there is no label question of this name, or several to choose from.
    SettingError
        If a size or share is outside its range, or there is no such text field; by every other method, if
        the dataset lacks the metadata of `active_learning_settings`, or others have written into them.
    NotPermittedError
        If the key may not do this.

    References
    ----------
    B. Settles. Active Learning Literature Survey. 2009.
    """

    def __init__(
        self,
        dataset: rg.Dataset,
        learner: Learner,
        embeddings: Embeddings,
        *,
        strategy: Strategy = mixed,
        start: Strategy = clusters,
        start_size: int = 20,
        least_per_label: int = 2,
        batch_size: int = 5,
        threshold: float = 0.9,
        audit_share: float = 0.1,
        seed: int = 0,
        question: str | None = None,
        text_field: str = "text",
    ) -> None:
        import argilla as rg

        if min(start_size, batch_size) < 1:
            raise SettingError(f"A batch of {min(start_size, batch_size)} records: ask about one at least.")
        if not (threshold > 0 and 0 <= audit_share <= 1):
            raise SettingError(
                f"threshold is {threshold} and audit_share {audit_share}: give a threshold above 0 and a "
                "share from 0 to 1."
            )
        if not isinstance(dataset.settings.fields[text_field], rg.TextField):
            texts = [each.name for each in dataset.fields if isinstance(each, rg.TextField)]
            raise SettingError(
                f"text_field is {text_field!r}: the dataset {dataset.name!r} has the text fields {texts}."
            )
        self._question = label_question(dataset, question)
        if set(learner.labels) != set(self._question.labels):
            raise UnknownLabelError(
                f"The learner knows the labels {list(learner.labels)}, and the question offers "
                f"{self._question.labels}. Give it the question's."
            )
        self.dataset = dataset
        self.learner = learner
        self.transport: str | None = None
        self._embeddings = embeddings
        self._strategy = strategy
        self._start = start
        self._start_size = start_size
        self._least_per_label = least_per_label
        self._batch_size = batch_size
        self._threshold = threshold
        self._audit_share = audit_share
        self._seed = seed
        self._text_field = text_field
        self._former_model = find_former_model(dataset)
        self._learned: list[tuple[str, str]] | None = None
        self._predicted: dict[int, NDArray[np.intp]] = {}

    def state(self) -> State:
        """Read from Argilla where things stand.

        Raises
        ------
        UnknownLabelError, SettingError, DatasetDeletedError, NotPermittedError, ServerGoneError
            As `read_state`.
        """
        _check_metadata(self.dataset)
        return read_state(self.dataset, self._question, self._text_field, self._former_model)

    def begin_with(self, ids: Iterable[str]) -> None:
        """Make these records the first batch, unless there is one.

        Raises
        ------
        UnknownRecordError
            If one of them is not in the dataset.
        """
        state = self.state()
        by_id = {record.id: record for record in state.records}
        wanted = [str(each) for each in as_list(ids, "ids")]
        for record_id in wanted:
            if record_id not in by_id:
                raise UnknownRecordError(
                    f"There is no record {record_id!r} in the dataset {self.dataset.name!r}. Log it first."
                )
        if state.last_batch is None:
            write(self.dataset, [_noted(by_id[record_id], BATCH, 0) for record_id in dict.fromkeys(wanted)])

    def next_batch(self, budget: int | None = None) -> Batch | None:
        """Return the batch that is not finished, or else take what is certain and choose another.

        Parameters
        ----------
        budget
            How many labels of persons are wanted in all.

        Returns
        -------
        Batch or None
            None when the budget is used up, or nothing is left to ask about.
        """
        state = self.state()
        last = state.last_batch
        if last is not None and state.waiting(last):
            return self._batch(state, last)
        size = self._start_size if last is None else self._batch_size
        if budget is not None:
            size = min(size, budget - len(state.labeled))
        if size < 1:
            return None
        scores = self._learn(state)
        best = {} if scores is None else self._best(state, scores)
        if not self._lacking(state):
            state = self._accept(state, best)
        number = 0 if last is None else last + 1
        chosen = self._choose(state, scores, size, number)
        if not chosen:
            return None
        write(self.dataset, [self._asked(record, number, best.get(record.id)) for record in chosen])
        return self._batch(self.state(), number)

    def run(
        self,
        ask: Callable[[Batch], object],
        *,
        budget: int,
        wait_s: float,
        stop: StablePredictions | None = None,
        after_round: Callable[[Round], object] | None = None,
        transport: Transport = "auto",
        interval_s: float = INTERVAL_S,
    ) -> list[Round]:
        """Ask, wait, learn, and again, until the budget is used up or the predictions are stable.

        Parameters
        ----------
        ask
            Called with each batch: shows a person where to answer, or lets a simulated annotator do so.
        budget
            How many labels of persons are wanted in all, those that are there included.
        wait_s
            How long to wait for the answers to one batch, in seconds.
        stop
            When to stop before.
        after_round
            Called after each batch; the learner has learned from it by then.
        transport, interval_s
            As for `Listener`.

        Returns
        -------
        list of Round
            The rounds of this call. Where an earlier one has left nothing to ask, its last round again.

        Raises
        ------
        BatchUnfinishedError
            If a batch is not finished in time.
        DatasetDeletedError
            If somebody deletes the dataset.
        TooFewLabelsError
            If in the end no two labels have an example, so that nothing was learned.

        Warns
        -----
        LackingLabelsWarning
            If some label has too few examples in the end.
        """
        from tqdm.auto import tqdm

        rounds: list[Round] = []
        answered: set[str] = set()

        def note(event: ResponseEvent) -> None:
            answered.add(event.record_id)

        def is_finished(batch: Batch, before: int) -> bool:
            heard = answered.intersection(batch.waiting)
            bar.update(before + len(heard) - bar.n)
            return len(heard) == len(batch.waiting)

        def end_round(state: State, batch: Batch) -> None:
            is_last = len(state.labeled) >= budget or not state.is_open
            rounds.append(self._round(state, batch, stop.window if stop else 1, is_last))
            bar.set_postfix_str(self._say_lacking(rounds[-1]))
            if after_round is not None:
                after_round(rounds[-1])

        with (
            Listener(self.dataset, note, transport=transport, interval_s=interval_s) as heard,
            tqdm(total=budget, unit="label", desc="Labels") as bar,
        ):
            self.transport = heard.transport
            while True:
                # Before the state is read: what is answered from now on is in one of the two at least.
                answered.clear()
                batch = self.next_batch(budget)
                state = self.state()
                if batch is None:
                    if not rounds and state.last_batch is not None:
                        end_round(state, self._batch(state, state.last_batch))
                    break
                before = len(state.labeled)
                ask(batch)
                try:
                    heard.wait(partial(is_finished, batch, before), wait_s)
                except NothingHeardError as error:
                    self._check_finished(batch, wait_s, error)
                state = self.state()
                if state.waiting(batch.number):  # Somebody took an answer back.
                    continue
                end_round(state, batch)
                if stop is not None and stop(self._history(batch.number)):
                    break
        if rounds and rounds[-1].lacking:
            self._report_lacking(rounds[-1])
        return rounds

    def accepted_precision(self) -> Share:
        """Return how many of the checks a person answered as predicted.

        The checks were drawn at random from what would have been accepted, so this holds for the accepted
        labels too, within its interval. Records that persons discard or dispute are left out.
        """
        audited = self.state().audited
        return Share(sum(record.label == record.audit for record in audited), len(audited))

    def _batch(self, state: State, number: int) -> Batch:
        return Batch(
            number,
            tuple(record.id for record in state.batch(number)),
            tuple(record.id for record in state.waiting(number)),
            self.dataset,
        )

    def _check_finished(self, batch: Batch, wait_s: float, error: NothingHeardError) -> None:
        waiting = [record.id for record in self.state().waiting(batch.number)]
        if waiting:
            raise BatchUnfinishedError(
                f"After {wait_s:g} s, nobody has answered {', '.join(waiting)} of batch {batch.number} in "
                f"the dataset {self.dataset.name!r}. Label or discard them in the web UI and run this again, "
                'or raise WAIT_S. Nothing is lost; ANNOTATOR = "simulated" needs nobody.'
            ) from error

    # learning

    def _learn(
        self, state: State, until: int | None = None, is_last: bool = False
    ) -> NDArray[np.float64] | None:
        """Return the scores of all records after the batches until this one, None with too few labels."""
        examples = [
            (record.text, record.label)
            for record in state.labeled
            if record.label is not None and (until is None or record.batch is None or record.batch <= until)
        ]
        texts, labels = [text for text, _ in examples], [label for _, label in examples]
        if not is_enough(
            labels, self.learner.labels, self._least_per_label, self._start_size, is_last=is_last
        ):
            return None
        if examples != self._learned:
            self.learner.fit(texts, labels)
            self._learned = examples
        return scores_of(self.learner, [record.text for record in state.records])

    def _lacking(self, state: State) -> dict[str, int]:
        given = [record.label for record in state.labeled if record.label is not None]
        return lacking(given, self.learner.labels, self._least_per_label)

    def _say_lacking(self, done: Round) -> str:
        return say_lacking(done.lacking, self._least_per_label) if done.lacking else ""

    def _report_lacking(self, done: Round) -> None:
        lacks = f"With {done.labels} labels in the dataset {self.dataset.name!r}, {self._say_lacking(done)}."
        remedy = (
            "Look for such texts with the search of the web UI and label them, raise the budget, or leave "
            "out a label that does not occur."
        )
        if done.probabilities is None:
            raise TooFewLabelsError(
                f"{lacks} Nothing was learned: a learner needs examples of two labels at least. {remedy}"
            )
        warnings.warn(
            f"{lacks} The learner never predicts a label without an example, and nothing was accepted "
            f"meanwhile. {remedy}",
            LackingLabelsWarning,
            stacklevel=3,
        )

    def _round(self, state: State, batch: Batch, window: int, is_last: bool) -> Round:
        if any(len(predicted) != len(state.records) for predicted in self._predicted.values()):
            self._predicted.clear()  # Records were added.
        # After an interruption, earlier predictions are made again from the labels of those batches.
        for number in range(max(0, batch.number - window), batch.number):
            if number not in self._predicted:
                earlier = self._learn(state, number)
                if earlier is not None:
                    self._predicted[number] = earlier.argmax(axis=1)
        scores = self._learn(state, is_last=is_last)
        if scores is not None:
            self._predicted[batch.number] = scores.argmax(axis=1)
        last_two = self._history(batch.number)[-2:]
        return Round(
            batch=batch.number,
            asked=batch.ids,
            labels=len(state.labeled),
            discarded=sum(record.is_discarded for record in state.records),
            disputed=sum(record.is_disputed for record in state.records),
            accepted=len(state.accepted),
            probabilities=scores,
            agreement=agreement(*last_two) if len(last_two) == 2 else None,
            lacking=self._lacking(state),
        )

    def _history(self, last: int) -> list[NDArray[np.intp]]:
        return [self._predicted[number] for number in sorted(self._predicted) if number <= last]

    # choosing and accepting

    def _accept(self, state: State, best: Mapping[str, Prediction]) -> State:
        """Take what is certain, draw the checks, and return the state after that."""
        certain = [
            record
            for record in state.pool
            if record.id in best and best[record.id].score >= self._threshold and not record.is_suggested
        ]
        write(self.dataset, [self._taken(record, best[record.id]) for record in certain])
        return self.state() if certain else state

    def _taken(self, record: RecordState, prediction: Prediction) -> Change:
        # By the record's id: so it is the same draw when this is done again after an interruption. It is not
        # the one by which a simulated annotator of the same seed errs.
        if random.Random(f"audit/{self._seed}/{record.id}").random() < self._audit_share:
            return _noted(record, AUDIT, prediction.value)
        return {"id": record.server_id, "suggestions": [self._suggestion(prediction, AUTO_ACCEPTED)]}

    def _choose(
        self, state: State, scores: NDArray[np.float64] | None, size: int, number: int
    ) -> list[RecordState]:
        checks = state.unasked_audits[: min(AUDITS_A_BATCH, size)]
        if not state.pool or len(checks) == size:
            return checks
        asked = [record.text for record in state.records if record.is_answered]
        vectors = self._embeddings([record.text for record in state.pool])
        labeled = self._embeddings(asked) if asked else vectors[:0]
        rows = {record.id: row for row, record in enumerate(state.records)}
        in_pool = None if scores is None else scores[[rows[record.id] for record in state.pool]]
        strategy = self._start if scores is None else self._strategy
        generator = np.random.default_rng([self._seed, number])
        positions = strategy(Pool(vectors, labeled, in_pool), size - len(checks), generator)
        return checks + [state.pool[position] for position in positions]

    def _asked(self, record: RecordState, number: int, prediction: Prediction | None) -> Change:
        noted = _noted(record, BATCH, number)
        if prediction is None or record.audit is not None:
            return noted
        agent = agent_name(type(self.learner).__name__)
        return {**noted, "suggestions": [self._suggestion(prediction, agent)]}

    def _suggestion(self, prediction: Prediction, agent: str) -> dict[str, object]:
        return {"question_id": str(self._question.id), **prediction._asdict(), "agent": agent}

    def _best(self, state: State, scores: NDArray[np.float64]) -> dict[str, Prediction]:
        return {
            record.id: Prediction(self.learner.labels[row.argmax()], float(row.max()))
            for record, row in zip(state.records, scores, strict=True)
        }


def _noted(record: RecordState, name: str, value: object) -> dict[str, object]:
    return {"id": record.server_id, "metadata": {name: value}}


def _check_metadata(dataset: rg.Dataset) -> None:
    import argilla as rg

    for name, kind in ((BATCH, rg.IntegerMetadataProperty), (AUDIT, rg.TermsMetadataProperty)):
        if not isinstance(dataset.settings.metadata[name], kind):
            raise SettingError(
                f"The dataset {dataset.name!r} has no metadata property {name!r} of the type "
                f"{kind.__name__}, where the loop keeps its state. Add it to the settings, or begin with "
                "active_learning_settings."
            )
