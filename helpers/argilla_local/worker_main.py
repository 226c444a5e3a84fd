"""The worker's process: Argilla's background jobs. Runs in the server's environment."""

import multiprocessing
import signal
import sys
from multiprocessing.connection import wait

from helpers.argilla_local.home import Home
from helpers.argilla_local.leases import announce
from helpers.argilla_local.lifeline import die_with, let_forks_die_with_us
from helpers.argilla_local.settings import apply_settings, skip_web_application

# How often a worker looks for jobs that a dead one held (RQ: 600). A job counts as such 90 s after its last
# sign of life, which comes every 30 s: a job whose worker was killed is taken up after 60 to 120 s.
MAINTENANCE_S = 30
# RQ waits this much less than a worker's time to live for a job before it looks after anything else.
RQ_MARGIN_S = 15


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
    from helpers.argilla_local import engine, faster, mends

    faster.install()
    mends.mend()
    engine.upkeep.waits = True

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


def _work(queue: str) -> None:
    from argilla_server.jobs.queues import REDIS_CONNECTION
    from rq import Queue, Worker

    Worker(
        [Queue(queue, connection=REDIS_CONNECTION)],
        connection=REDIS_CONNECTION,
        default_worker_ttl=MAINTENANCE_S + RQ_MARGIN_S,
        maintenance_interval=MAINTENANCE_S,
        # The description of a webhook's job is the record itself.
        log_job_description=False,
    ).work(with_scheduler=True, logging_level="WARNING")
