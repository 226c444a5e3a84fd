"""The commands behind ``make notebooks`` and ``make check``: execute, refresh and lint the notebooks."""
