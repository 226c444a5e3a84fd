"""The first lines of every process of a home: ``python -I entry.py MODULE HOME [ARGUMENT ...]``.

It runs in the server's environment, and makes the package ``helpers`` importable there from its own folder,
and nothing else beside it: on PYTHONPATH, that folder's neighbors (in Colab, all of the notebook's packages)
would take the place of the server's pinned ones.
"""

import importlib
import importlib.util
import sys
from pathlib import Path


def load_helpers() -> None:
    """Import the package ``helpers`` that this file belongs to."""
    folder = Path(__file__).resolve().parents[1]
    spec = importlib.util.spec_from_file_location(
        "helpers", folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    if spec is None or spec.loader is None:
        raise ImportError(f"{folder} holds no package")
    package = importlib.util.module_from_spec(spec)
    sys.modules["helpers"] = package
    spec.loader.exec_module(package)


def main(module: str, home: str, *arguments: str) -> None:
    """Run the function `main` of a module of ``helpers.argilla_local`` for a home."""
    load_helpers()
    from helpers.argilla_local.home import Home

    importlib.import_module(f"helpers.argilla_local.{module}").main(Home(Path(home)), *arguments)


if __name__ == "__main__":
    main(*sys.argv[1:])
