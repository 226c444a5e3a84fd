"""Handing jobs to Redis while requests are answered. Runs in the server's environment.

argilla_server hands each job to Redis within the event loop, after what the job is about was stored: a Redis
that hangs stops all requests, and one that is away has people told 500 for answers that are stored. Its
client also repeats what is not confirmed in time, and a Redis that goes on executes both. Here one thread
hands over all jobs in order, each once, and for as long as it takes. Who has started one is told so when
Redis has it, or after a second.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from queue import SimpleQueue
from threading import Thread
from typing import Any

from argilla_server import _app
from argilla_server.api.handlers.v1.datasets import datasets as handlers
from argilla_server.api.routes import api_v1
from argilla_server.contexts import datasets
from argilla_server.jobs import queues, webhook_jobs
from argilla_server.settings import settings
from fastapi.routing import APIRoute
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from rq import Queue
from rq.job import Job

from helpers.argilla_local.faster.patching import replace, replace_member

# How long a request waits for its jobs to be in Redis, where they outlive this process.
PATIENCE_S = 1.0
RETRY_S = 0.2

Enqueue = Callable[..., Awaitable[Any]]

logger = logging.getLogger(__name__)


def install() -> "Outbox":
    """Have all jobs of this process go through an outbox, and return it."""
    never = Retry(NoBackoff(), 0)
    # argilla_server's own client only looks up the status of jobs from now on.
    queues.REDIS_CONNECTION.connection_pool.connection_kwargs["socket_timeout"] = PATIENCE_S
    queues.REDIS_CONNECTION.set_retry(never)
    outbox = Outbox(Redis.from_url(settings.redis_url, retry=never))
    replace_member(Queue, "enqueue_job", lambda queue, job, **options: outbox.put(queue.name, job))
    for stock in (webhook_jobs.enqueue_notify_events, datasets.update_dataset):
        replace(stock, _waiting_for(outbox, stock))
    for route in api_v1.routes:
        # They tell the job's id, at which it is looked up.
        if isinstance(route, APIRoute) and route.endpoint in (
            handlers.import_dataset_from_hub,
            handlers.export_dataset_to_hub,
        ):
            route.dependant.call = _waiting_for(outbox, route.endpoint)
    # It waits until Redis answers, for which the server need not wait any more.
    replace(_app.configure_redis, lambda: None)
    return outbox


def _waiting_for(outbox: "Outbox", stock: Enqueue) -> Enqueue:
    async def enqueue(*arguments: Any, **options: Any) -> Any:
        done = await stock(*arguments, **options)
        await outbox.settle()
        return done

    return enqueue


class Outbox:
    """The jobs of this process that are not in Redis yet.

    Parameters
    ----------
    redis
        A client that neither gives up nor repeats anything by itself.
    """

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._enqueue = Queue.enqueue_job
        self._waiting: SimpleQueue[tuple[str, Job, Future[None]]] = SimpleQueue()
        self._last: Future[None] = Future()
        self._last.set_result(None)
        self._is_stuck = False
        Thread(target=self._hand_over_all, daemon=True).start()

    def put(self, queue: str, job: Job) -> Job:
        """Take a job for a queue, and return it."""
        # RQ makes the id when it is first asked for: two threads at the same moment would make two.
        job.get_id()
        # Its status can be asked for before Redis knows it.
        job.get_status = lambda refresh=True: job._status
        self._last = Future()
        self._waiting.put((queue, job, self._last))
        return job

    async def settle(self) -> None:
        """Wait until Redis has all jobs so far; not for long, and not at all where Redis is known to hang."""
        if not (self._is_stuck or self._last.done()):
            _, missing = await asyncio.wait([asyncio.wrap_future(self._last)], timeout=PATIENCE_S)
            self._is_stuck = bool(missing)

    async def close(self) -> None:
        """Settle, and log how many jobs are lost where Redis does not take them."""
        await self.settle()
        if not self._last.done():
            logger.error(
                "Redis does not answer: %d webhook events or other jobs are lost.", self._waiting.qsize() + 1
            )

    def _hand_over_all(self) -> None:
        while True:
            queue, job, done = self._waiting.get()
            self._hand_over(Queue(queue, connection=self._redis), job)
            self._is_stuck = False
            done.set_result(None)

    def _hand_over(self, queue: Queue, job: Job) -> None:
        is_new = True
        while True:
            try:
                # One that was lost on the way back is there.
                if is_new or not Job.exists(job.id, connection=self._redis):
                    self._enqueue(queue, job)
                return
            except RedisError as error:
                if is_new:
                    logger.warning("Redis takes no jobs (%s): trying until it does.", type(error).__name__)
                is_new = False
                time.sleep(RETRY_S)
            except Exception:
                logger.exception("The job %s cannot be queued.", job.id)
                return
