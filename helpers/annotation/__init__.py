"""Any Argilla 2: connecting, datasets, records, and an annotator that answers from gold labels."""

from helpers.annotation.agreement import agreed_answers, most_given, submitted
from helpers.annotation.connection import RemoteArgilla, connect
from helpers.annotation.datasets import (
    MODEL_USERNAME,
    create_dataset,
    label_question,
    permitted,
    text_classification_settings,
)
from helpers.annotation.errors import (
    AnnotationError,
    AnsweredRecordError,
    DatasetInUseError,
    DuplicatedRecordIdError,
    ErrorRateError,
    GoldLabelError,
    LinkError,
    MissingKeyError,
    NoServerError,
    NotArgillaError,
    NotPermittedError,
    PersonResponsesWarning,
    QuestionNotFoundError,
    RecordRefusedError,
    RecordsGoneWarning,
    ResponseRefusedError,
    SettingsConflictError,
    UnsupportedQuestionError,
    WorkspaceNotFoundError,
    WrongKeyError,
)
from helpers.annotation.links import Link, ui_link
from helpers.annotation.lookup import records_by_id
from helpers.annotation.opening import open_dataset
from helpers.annotation.records import log_records
from helpers.annotation.simulated import SIMULATED_USERNAME, SimulatedAnnotator
from helpers.annotation.updates import update_records
from helpers.annotation.waiting import NobodyAnsweredError, wait_for_responses

__all__ = [
    "MODEL_USERNAME",
    "SIMULATED_USERNAME",
    "AnnotationError",
    "AnsweredRecordError",
    "DatasetInUseError",
    "DuplicatedRecordIdError",
    "ErrorRateError",
    "GoldLabelError",
    "Link",
    "LinkError",
    "MissingKeyError",
    "NoServerError",
    "NobodyAnsweredError",
    "NotArgillaError",
    "NotPermittedError",
    "PersonResponsesWarning",
    "QuestionNotFoundError",
    "RecordRefusedError",
    "RecordsGoneWarning",
    "RemoteArgilla",
    "ResponseRefusedError",
    "SettingsConflictError",
    "SimulatedAnnotator",
    "UnsupportedQuestionError",
    "WorkspaceNotFoundError",
    "WrongKeyError",
    "agreed_answers",
    "connect",
    "create_dataset",
    "label_question",
    "log_records",
    "most_given",
    "open_dataset",
    "permitted",
    "records_by_id",
    "submitted",
    "text_classification_settings",
    "ui_link",
    "update_records",
    "wait_for_responses",
]
