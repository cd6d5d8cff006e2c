"""Many worlds, one after the other or several at a time; one world's memory per process."""

from __future__ import annotations

from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from multiprocessing import get_context
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from streamguard.evaluate.detectors import make_detector
from streamguard.evaluate.judge import judge_recording
from streamguard.exposure import ExposureConfig

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from concurrent.futures import Future
    from queue import Queue

    from streamguard.evaluate.judge import WorldResult
    from streamguard.evaluate.recording import Recording

_POLL_SECONDS: Final = 0.3


class Source(Protocol):
    """Where a world comes from; it travels to another process."""

    @property
    def name(self) -> str:
        """For people."""

    def open(self) -> Recording:
        """Return the world, ready to be read."""


class Task(NamedTuple):
    """One world, and what is to judge it."""

    source: Source
    detectors: tuple[str, ...]
    """Names, see `streamguard.evaluate.detectors.make_detector`."""
    exposure: ExposureConfig = ExposureConfig()


def run_tasks(
    tasks: Sequence[Task],
    processes: int = 1,
    progress: Callable[[int, int | None], None] = lambda _place, _records: None,
) -> list[WorldResult]:
    """Return what became of every task, in their order.

    Parameters
    ----------
    tasks
        What to do.
    processes
        How many worlds at a time.
    progress
        Called now and then with the place of a task and the records that it has read so far; with None when it is done.

    Raises
    ------
    Exception
        Whatever a task raises; those that have not begun are given up.
    """
    if processes <= 1 or len(tasks) <= 1:
        return [_run(place, task, progress) for place, task in enumerate(tasks)]
    # Forked processes would share the threads of whatever the command has running.
    context = get_context("spawn")
    with context.Manager() as manager, ProcessPoolExecutor(min(processes, len(tasks)), context) as pool:
        told: Queue[tuple[int, int | None]] = manager.Queue()
        futures = [pool.submit(_run_elsewhere, place, task, told) for place, task in enumerate(tasks)]
        try:
            _follow(futures, told, progress)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
        return [future.result() for future in futures]


def _run(place: int, task: Task, progress: Callable[[int, int | None], None]) -> WorldResult:
    scorers = [make_detector(name) for name in task.detectors]
    result = judge_recording(task.source.open(), scorers, task.exposure, lambda records: progress(place, records))
    progress(place, None)
    return result


def _run_elsewhere(place: int, task: Task, told: Queue[tuple[int, int | None]]) -> WorldResult:
    return _run(place, task, lambda where, records: told.put((where, records)))


def _follow(
    futures: Sequence[Future[WorldResult]],
    told: Queue[tuple[int, int | None]],
    progress: Callable[[int, int | None], None],
) -> None:
    """Pass on what the processes tell until all are done, or one has failed."""
    open_futures = set(futures)
    while open_futures:
        done, open_futures = wait(open_futures, _POLL_SECONDS, FIRST_COMPLETED)
        while not told.empty():
            progress(*told.get())
        for future in done:
            future.result()
