"""Weak supervision on Argilla 2: rules, their votes, and label models.

Rules vote (`Rule`, `labeling_function`), live with a dataset (`add_rules`, `load_rules`, ...), are judged
(`WeakLabels.summary`) and become labels (`MajorityVoter`, `Snorkel`). The errors are in
`helpers.weak_supervision.errors`.
"""

from helpers.weak_supervision.end_models import SoftNaiveBayes, TwoViewClassifier, fit_naive_bayes
from helpers.weak_supervision.label_models import LabelModelScore, MajorityVoter, Snorkel
from helpers.weak_supervision.labels import ABSTAIN
from helpers.weak_supervision.matches import push_matches
from helpers.weak_supervision.rules import LabelingFunction, Rule, labeling_function
from helpers.weak_supervision.storage import add_rules, delete_rules, load_rules, update_rules
from helpers.weak_supervision.table import confusion, rule_table
from helpers.weak_supervision.weak_labels import WeakLabels

__all__ = [
    "ABSTAIN",
    "LabelModelScore",
    "LabelingFunction",
    "MajorityVoter",
    "Rule",
    "Snorkel",
    "SoftNaiveBayes",
    "TwoViewClassifier",
    "WeakLabels",
    "add_rules",
    "confusion",
    "delete_rules",
    "fit_naive_bayes",
    "labeling_function",
    "load_rules",
    "push_matches",
    "rule_table",
    "update_rules",
]
