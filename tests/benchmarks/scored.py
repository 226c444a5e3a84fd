"""The texts that slow methods are scored on."""

import pandas as pd


def at_most(test: pd.DataFrame, n: int) -> pd.DataFrame:
    """Return all texts, or a fixed sample of n with the labels in equal parts."""
    if len(test) <= n:
        return test
    return test.groupby("label").sample(n // test["label"].nunique(), random_state=0)
