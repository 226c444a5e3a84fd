"""The worker's process: Argilla's background jobs. Runs in the server's environment."""

import math
import multiprocessing
import signal
import sys
import time
from multiprocessing.connection import wait
from typing import Any

from helpers.argilla_local.home import Home
from helpers.argilla_local.leases import announce
from helpers.argilla_local.lifeline import die_with, let_forks_die_with_us
from helpers.argilla_local.settings import apply_settings, skip_web_application

# How often a worker clears what its queue keeps (RQ: 600).
MAINTENANCE_S = 30
# RQ waits this much less than a worker's time to live for a job before it looks after anything else.
RQ_MARGIN_S = 15
# How many failed jobs are kept of a queue, for whoever looks for the reason: RQ keeps all for a year.
KEPT_FAILURES = 1000
RETRY_S = 0.2


def main(home: Home, supervisor: str) -> None:
    """Work on Argilla's queues: one process for each, so that no long job delays a webhook."""
    die_with(int(supervisor))
    let_forks_die_with_us()
    apply_settings(home)

    skip_web_application()
    # Imported before the forks, which share them: a job then starts at once. The third module, hub_jobs, is
    # left to its rare jobs: it takes as long to import as all the rest.
    from argilla_server.jobs import dataset_jobs, queues, webhook_jobs  # noqa: F401

    # Importing the engine registers it as "fts5".
    from helpers.argilla_local import engine, faster, logs, mends

    logs.configure()
    faster.install()
    mends.mend()
    engine.upkeep.waits = True
    _wait_for_redis()

    context = multiprocessing.get_context("fork")
    workers = [
        context.Process(target=_work, args=(queue.name,))
        for queue in (queues.HIGH_QUEUE, queues.DEFAULT_QUEUE)
    ]
    for worker in workers:
        worker.start()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        announce(home, "worker")
        wait([worker.sentinel for worker in workers])
        sys.exit("A worker died.")
    finally:
        for worker in workers:
            worker.terminate()
        for worker in workers:
            worker.join()


def _wait_for_redis() -> None:
    """Wait until Redis has loaded its jobs."""
    from argilla_server.jobs.queues import REDIS_CONNECTION
    from redis.exceptions import ConnectionError

    while True:
        try:
            REDIS_CONNECTION.ping()
            return
        except ConnectionError:
            time.sleep(RETRY_S)


def _work(queue: str) -> None:
    from argilla_server.jobs.queues import REDIS_CONNECTION
    from rq import Queue, Worker
    from rq.job import Job
    from rq.registry import FailedJobRegistry, StartedJobRegistry
    from rq.results import Result

    class BoundedWorker(Worker):  # type: ignore[misc]  # RQ is not installed here
        max_connection_wait_time = 2.0

        def run_maintenance_tasks(self) -> None:
            super().run_maintenance_tasks()
            failed = FailedJobRegistry(queue, connection=self.connection)
            for id in self.connection.zrange(failed.key, 0, -KEPT_FAILURES - 1):
                failed.remove(id.decode())
                job = Job(id.decode(), connection=self.connection)
                Result.delete_all(job)
                job.delete()

        def handle_exception(self, job: Job, *error: Any) -> None:
            # RQ would log the whole traceback as a message.
            self.log.error("The job %s failed.", job.id, exc_info=error)

    # No other worker has this queue, so what somebody began before us is abandoned.
    StartedJobRegistry(queue, connection=REDIS_CONNECTION).cleanup(math.inf)
    BoundedWorker(
        [Queue(queue, connection=REDIS_CONNECTION)],
        connection=REDIS_CONNECTION,
        default_worker_ttl=MAINTENANCE_S + RQ_MARGIN_S,
        maintenance_interval=MAINTENANCE_S,
        # The description of a webhook's job is the record itself.
        log_job_description=False,
    ).work(with_scheduler=True, logging_level="WARNING")
