"""One split of a corpus as a table, from the Hub or from a folder of Parquet files."""

from typing import TYPE_CHECKING

from helpers.data.errors import DataFileError, MissingColumnError
from helpers.data.sources import Source, load_from_hub

if TYPE_CHECKING:
    import pyarrow as pa


def read_table(
    source: Source, folder: str, hub_name: str, split: str, columns: list[str], revision: str | None = None
) -> tuple[str, "pa.Table"]:
    """Read columns of one split.

    Parameters
    ----------
    source
        Of kind ``"hub"`` or ``"folder"``.
    folder
        The corpus's folder inside the source's, with one Parquet file per split.
    hub_name, revision
        The corpus's name on the Hub, and which revision of it to take.

    Returns
    -------
    str
        The origin, for messages.
    Table
        These columns.

    Raises
    ------
    DataFileError
        A file is missing or cannot be read.
    MissingColumnError
        A column is missing.
    HubLoadError
        The Hub does not deliver.
    """
    if source.kind == "hub":
        file = f"{hub_name} ({split})"
        table = load_from_hub(hub_name, split, revision).with_format("arrow")[:]
    else:
        file, table = _folder_table(source, folder, split)
    missing = [column for column in columns if column not in table.column_names]
    if missing:
        raise MissingColumnError(
            f"{file} has no column {missing[0]!r}, only {table.column_names}: what is needed of it here is"
            f" {columns}."
        )
    return file, table.select(columns)


def class_names(table: "pa.Table", column: str) -> tuple[str, ...] | None:
    """Return what the class ids of a column (or of its lists) mean, where the file itself says so."""
    if b"huggingface" not in (table.schema.metadata or {}):
        return None
    import datasets

    feature = datasets.Features.from_arrow_schema(table.schema)[column]
    names = getattr(getattr(feature, "feature", feature), "names", None)
    return None if names is None else tuple(names)


def _folder_table(source: Source, folder: str, split: str) -> tuple[str, "pa.Table"]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    assert source.folder is not None
    path = source.folder / folder / f"{split}.parquet"
    if not path.is_file():
        raise DataFileError(
            f"{path} is missing: the folder given as DATA must hold {folder}/{split}.parquet."
        )
    try:
        return str(path), pq.read_table(path)
    except (OSError, pa.ArrowInvalid) as error:
        raise DataFileError(f"{path} is not a Parquet file that can be read: {error}") from error
