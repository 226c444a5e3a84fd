"""The folder in which one embedded Argilla keeps everything: database, credentials, logs."""

import json
import os
import shutil
import stat
from dataclasses import asdict, dataclass
from pathlib import Path

from helpers.argilla_local.errors import HomeError

HOME_VARIABLE = "ARGILLA_LOCAL_HOME"
# The processes of a home, each with its log.
PARTS = ("supervisor", "redis", "server", "worker")
# An empty home takes 14 MB while Argilla runs in it.
NEEDED_BYTES = 50 * 2**20
# The exit status of a supervisor whose home cannot be used; it says why on standard error.
UNUSABLE = 3


@dataclass(frozen=True)
class State:
    """Where the running supervisor, or the last one, was reached.

    Attributes
    ----------
    sockets
        The folder of its Unix sockets.
    port
        The TCP port of the web server on 127.0.0.1.
    """

    sockets: str
    port: int

    def __post_init__(self) -> None:
        # A file says it, which somebody may have edited. (A bool is an int, too.)
        if not (isinstance(self.sockets, str) and self.sockets.startswith("/") and "\0" not in self.sockets):
            raise ValueError(f"sockets is {self.sockets!r}, not the path of a folder")
        os.fsencode(self.sockets)
        if type(self.port) is not int or not 0 <= self.port < 2**16:
            raise ValueError(f"port is {self.port!r}, not a port's number")

    @property
    def supervisor_socket(self) -> str:
        """The Unix socket on which the supervisor listens."""
        return f"{self.sockets}/supervisor.sock"

    @property
    def redis_socket(self) -> str:
        """The Unix socket on which Redis listens."""
        return f"{self.sockets}/redis.sock"

    @property
    def url(self) -> str:
        """Where the web server is."""
        return f"http://127.0.0.1:{self.port}"


@dataclass(frozen=True)
class Home:
    """The paths inside a home.

    Examples
    --------
    >>> Home(Path("/data/argilla")).database.name
    'argilla.db'
    """

    path: Path

    @classmethod
    def locate(cls, path: str | Path | None = None) -> "Home":
        """Return the home at `path`, else at ``ARGILLA_LOCAL_HOME``, else in the user's data folder.

        Raises
        ------
        HomeError
            The path holds a character that a database URL cannot hold, or leads nowhere.
        """
        named = str(path or os.environ.get(HOME_VARIABLE) or _default())
        try:
            chosen = Path(named).expanduser().resolve()
        except (OSError, ValueError, RuntimeError) as error:  # an unknown user's ~, a loop of links, a NUL
            raise HomeError(f"The home {named!r} is no path ({error}): choose another one.") from error
        if unusable := set("%?#") & set(str(chosen)):
            raise HomeError(f"The home {str(chosen)!r} holds {unusable}: choose a path without % ? and #.")
        return cls(chosen)

    @property
    def lock(self) -> Path:
        """The file whose lock the supervisor holds."""
        return self.path / "lock"

    @property
    def credentials(self) -> Path:
        """The owner's credentials and the server's secret."""
        return self.path / "credentials.json"

    @property
    def database(self) -> Path:
        """The server's database."""
        return self.path / "argilla.db"

    @property
    def backups(self) -> Path:
        """The folder of the database's copies."""
        return self.path / "backups"

    @property
    def index(self) -> Path:
        """The search engine's index."""
        return self.path / "index.db"

    @property
    def redis(self) -> Path:
        """The folder of Redis's queue."""
        return self.path / "redis"

    @property
    def sockets(self) -> Path:
        """The folder of the Unix sockets, where the path is short enough."""
        return self.path / "sockets"

    @property
    def temporary(self) -> Path:
        """The server's temporary files, gone after each run."""
        return self.path / "tmp"

    @property
    def logs(self) -> Path:
        """The folder of the logs."""
        return self.path / "logs"

    def log(self, part: str) -> Path:
        """Return the log file of a part."""
        return self.logs / f"{part}.log"

    def create(self) -> None:
        """Make the home and its folders, open to their owner alone. A home that exists is kept.

        Raises
        ------
        HomeError
            The folder cannot be made or written, it holds files of somebody else, or something else has the
            place of one of its files.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            # An ordinary folder given by mistake must not be filled, nor closed to others.
            if not self._is_home():
                raise HomeError(
                    f"{self.path} holds other files: choose an empty or a new folder as the home."
                )
            self._check_places()
            self.path.chmod(0o700)
            self.lock.touch(0o600)
            for folder in (self.logs, self.redis, self.sockets):
                folder.mkdir(mode=0o700, exist_ok=True)
            self._check_access()
        except OSError as error:
            raise HomeError(
                f"The home {self.path} cannot be used ({error}): pass another one, or set {HOME_VARIABLE}."
            ) from error

    def _is_home(self) -> bool:
        """Tell whether the folder is empty, or plainly a home: a file called lock is not enough for that."""
        entries = list(self.path.iterdir())
        marks = {self.credentials: '"secret_key"', self._state: '"sockets"'}
        drafts = tuple(f"{path.name}." for path in marks)

        def is_of_a_beginning(entry: Path) -> bool:
            if entry.is_dir():
                return entry in (self.logs, self.redis, self.sockets) and not any(entry.iterdir())
            return entry in (self.lock, self.database) or entry.name.startswith(drafts)

        # Another process may be making the home now. In this order: the lock is its first file, and the marks
        # come before anything that is not of a beginning.
        return (
            not entries
            or (self.lock.exists() and all(map(is_of_a_beginning, entries)))
            or any(mark in tail(path, 9) for path, mark in marks.items())
            or {self.database, self.index} <= set(entries)
        )

    def _check_places(self) -> None:
        """Check that nothing but a file or folder of its own is where the home has, or will have, one."""
        files = [(path, "a file", stat.S_ISREG) for path in self._files()]
        folders = [(path, "a folder", stat.S_ISDIR) for path in self._folders()]
        for path, kind, is_of_kind in files + folders:
            try:
                mode = path.lstat().st_mode
            except (FileNotFoundError, NotADirectoryError):
                continue
            # A link could lead to what is not ours to write to, or to delete.
            if not is_of_kind(mode):
                raise HomeError(
                    f"{path} is not {kind} ({stat.filemode(mode)}), as it is in a home of the embedded "
                    "Argilla: delete it or move it away, and start again."
                )

    def _check_access(self) -> None:
        for path in self._files() + self._folders():
            if path.exists() and not os.access(path, os.R_OK | os.W_OK):
                raise HomeError(
                    f"{path} may not be read and written by this user: make it yours "
                    "(`chown`, `chmod u+rwX`) and start again."
                )

    def _files(self) -> list[Path]:
        logs = map(self.log, PARTS)
        return [self.lock, self.credentials, self._state, self.database, self.index, *logs]

    def _folders(self) -> list[Path]:
        return [self.logs, self.redis, self.sockets, self.temporary, self.backups]

    def check_space(self) -> None:
        """Check that there is room to start.

        Raises
        ------
        HomeError
            There is too little.
        """
        free = shutil.disk_usage(self.path).free
        if free < NEEDED_BYTES:
            raise HomeError(
                f"The home {self.path} has {free // 2**20} MB of free space, and Argilla needs "
                f"{NEEDED_BYTES // 2**20} to start: free some, pass another home, or set {HOME_VARIABLE}."
            )

    def read_state(self) -> State | None:
        """Return where the last supervisor was reached, None where there was none.

        Raises
        ------
        HomeError
            The file is damaged.
        """
        try:
            written = json.loads(self._state.read_text())
            home = written.pop("home", None)
            state = State(**written)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, ValueError, TypeError, AttributeError, RecursionError) as error:
            raise HomeError(f"{self._state} is damaged ({error}): delete it and start again.") from error
        # In a home that was moved or copied it tells of the original, which may be running.
        return state if home == str(self.path) else None

    def require_state(self) -> State:
        """Return the state, which a supervisor writes before it starts a part."""
        state = self.read_state()
        if state is None:
            raise HomeError(f"{self._state} is missing: start again.")
        return state

    def write_state(self, state: State) -> None:
        """Record where this supervisor is reached."""
        replace_text(self._state, json.dumps({"home": str(self.path), **asdict(state)}))

    @property
    def _state(self) -> Path:
        return self.path / "state.json"


def replace_text(path: Path, text: str) -> None:
    """Write a file at once, readable by its owner alone: no reader ever sees half of it."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        # Else a power cut could leave an empty file under the name.
        os.fsync(file.fileno())
    draft.replace(path)


def delete_database(path: Path) -> None:
    """Delete an SQLite database, with the files that SQLite puts beside it and no others."""
    for suffix in ("", "-wal", "-shm", "-journal"):
        path.with_name(f"{path.name}{suffix}").unlink(missing_ok=True)


def tail(path: Path, lines: int) -> str:
    """Return the last lines of a text file, "" where there is no file; where it cannot be read, why."""
    try:
        text = path.read_text(errors="replace")
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except OSError as error:
        return f"It cannot be read: {error}"
    return "\n".join(text.splitlines()[-lines:])


def _default() -> str:
    # Imported here: the server's environment, which loads this module too, does not have it.
    from platformdirs import user_data_dir

    return user_data_dir("argilla-local")
