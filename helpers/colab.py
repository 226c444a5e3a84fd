"""Write the address of the published repository into the notebooks: ``make colab REPO=owner/name``.

Until then the set-up cell of a notebook says in Colab that it cannot install anything, and there is no badge.
"""

import re
import sys
import tomllib
from pathlib import Path

import nbformat

from helpers.errors import HelpersError

SETUP_TAG = "setup"
BADGE_IMAGE = "https://colab.research.google.com/assets/colab-badge.svg"

_BADGE = re.compile(r"\n*\[!\[Open in Colab\]\([^)]*\)\]\([^)]*\)")
_URLS = re.compile(r"\[project\.urls\]\n(?:[^\[\n].*\n)*\n*")


class RepositoryNameError(HelpersError):
    """The name of the repository is not of the form owner/name."""


class SetupCellError(HelpersError):
    """A notebook has no set-up cell."""


def repository_url(root: Path = Path()) -> str | None:
    """Return the repository's address in pyproject.toml, or None before the first publication."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    url: str | None = project.get("urls", {}).get("Repository")
    return url


def setup_source(url: str | None) -> str:
    """Return the source of the set-up cell, which does something in Colab only.

    Examples
    --------
    >>> print(setup_source("https://github.com/owner/name"))
    import sys
    <BLANKLINE>
    if "google.colab" in sys.modules:  # elsewhere, make has installed everything
        %pip install -q "labeling-notebooks[notebooks] @ git+https://github.com/owner/name"
        %pip install -q --no-deps --ignore-requires-python classy-classification
    """
    if url is None:
        body = ['raise SystemExit("This copy names no repository to install from: run make colab first.")']
    else:
        body = [
            f'%pip install -q "labeling-notebooks[notebooks] @ git+{url}"',
            "%pip install -q --no-deps --ignore-requires-python classy-classification",
        ]
    condition = 'if "google.colab" in sys.modules:  # elsewhere, make has installed everything'
    return "\n    ".join(["import sys\n\n" + condition, *body])


def stamp(repository: str, root: Path = Path()) -> list[Path]:
    """Write a repository's address into pyproject.toml, and set-up cells and badges into the notebooks.

    Parameters
    ----------
    repository
        ``owner/name`` on GitHub.
    root
        The root of the project.

    Returns
    -------
    list of pathlib.Path
        The files changed.

    Raises
    ------
    RepositoryNameError
        The name has another form.
    SetupCellError
        A notebook has no cell tagged ``setup``. No file is changed then.
    """
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", repository):
        raise RepositoryNameError(f"{repository!r} is not of the form owner/name: make colab REPO=owner/name")
    url = f"https://github.com/{repository}"
    pyproject = root / "pyproject.toml"
    changes = {pyproject: _with_url(pyproject.read_text(encoding="utf-8"), url)}
    for path in sorted((root / "notebooks").glob("*.ipynb")):
        changes[path] = _stamped(path, repository, url)
    changed = [path for path, text in changes.items() if path.read_text(encoding="utf-8") != text]
    for path in changed:
        path.write_text(changes[path], encoding="utf-8")
    return changed


def _with_url(pyproject: str, url: str) -> str:
    section = f'[project.urls]\nRepository = "{url}"\n\n'
    return _URLS.sub("", pyproject).replace("[tool.", section + "[tool.", 1)


def _stamped(path: Path, repository: str, url: str) -> str:
    notebook = nbformat.read(path, as_version=4)
    cells = [cell for cell in notebook.cells if SETUP_TAG in cell.metadata.get("tags", [])]
    if not cells:
        raise SetupCellError(f"{path} has no code cell tagged {SETUP_TAG!r} after its parameters: add one.")
    cells[0].source = setup_source(url)
    page = f"https://colab.research.google.com/github/{repository}/blob/main/notebooks/{path.name}"
    title, *rest = _BADGE.sub("", notebook.cells[0].source).split("\n", 1)
    notebook.cells[0].source = "\n".join([title, "", f"[![Open in Colab]({BADGE_IMAGE})]({page})", *rest])
    return str(nbformat.writes(notebook)) + "\n"


def main() -> int:
    """Stamp the repository named on the command line; return the exit status."""
    try:
        changed = stamp(" ".join(sys.argv[1:]))
    except HelpersError as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 1
    print("\n".join(["Changed:", *map(str, changed)]) if changed else "Nothing to change.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
