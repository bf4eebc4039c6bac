"""Runs the same work for many items in several threads."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from itertools import chain, islice
from threading import Condition, Event, Lock
from typing import Generic, TypeVar

_In = TypeVar("_In")
_Out = TypeVar("_Out")

THREADS = 8
# The items of a batch that are decided at once; `azure.pacing` keeps to ARM's limits.
BATCH_THREADS = 32
# The items begun ahead of the reader, per thread: who stops early does not send all calls.
_AHEAD = 4
# The entries of a list that wait for the reader, in memory.
_MOST_FETCHED = 500
_PUT_SECONDS = 0.1
# What is under way when the command is interrupted may end for so long.
_GRACE_SECONDS = 2.0


def each(
    work: Callable[[_In], _Out],
    many: Iterable[_In],
    stop: Event | None = None,
    threads: int = THREADS,
) -> Iterator[_Out]:
    """Give the result of each item in the order of the items; Ctrl-C sets `stop` for running work.

    Items are taken as they arrive, and results given before the last item is there.
    """
    left = iter(many)
    first = list(islice(left, 2))
    if len(first) <= 1:
        return map(work, first)
    return _each_in_pool(work, first, left, stop, threads)


def _each_in_pool(
    work: Callable[[_In], _Out],
    first: list[_In],
    left: Iterator[_In],
    stop: Event | None,
    threads: int,
) -> Iterator[_Out]:
    with _pool(stop, threads) as pool:
        begun: deque[Future[_Out]] = deque(pool.submit(work, item) for item in first)
        try:
            for item in left:
                begun.append(pool.submit(work, item))
                while begun and (begun[0].done() or len(begun) >= _AHEAD * threads):
                    yield begun.popleft().result()
            while begun:
                yield begun.popleft().result()
        except KeyboardInterrupt:
            if stop is not None:
                stop.set()
                pool.shutdown(wait=False, cancel_futures=True)
                wait(begun, timeout=_GRACE_SECONDS)
            raise
        finally:
            for waiting in begun:
                waiting.cancel()


def as_completed(work: Callable[[_In], _Out], many: Iterable[_In]) -> Iterator[_Out]:
    """Give the result of each item as soon as it is there, in any order."""
    left = iter(many)
    first = list(islice(left, 2))
    if len(first) <= 1:
        yield from map(work, first)
        return
    with _pool(None) as pool:
        begun = {pool.submit(work, item) for item in first}
        try:
            while True:
                begun |= {
                    pool.submit(work, item) for item in islice(left, _AHEAD * THREADS - len(begun))
                }
                if not begun:
                    return
                done, begun = wait(begun, return_when=FIRST_COMPLETED)
                for each_one in done:
                    yield each_one.result()
        finally:
            for waiting in begun:
                waiting.cancel()


def flow(work: Callable[[_In], Iterable[_Out]], many: Iterable[_In]) -> Iterator[_Out]:
    """Give the lists of all items, one after the other, in the order of the items.

    While one list is read the next ones are fetched, each at most some hundred entries ahead.
    """
    left = iter(many)
    first = list(islice(left, 2))
    if len(first) <= 1:
        for item in first:
            yield from work(item)
        return
    stop = Event()
    with _pool(stop) as pool:
        begun: deque[_Pipe[_Out]] = deque()
        try:
            for item in chain(first, left):
                pipe: _Pipe[_Out] = _Pipe(stop)
                pipe.end = pool.submit(pipe.fill, work, item)
                begun.append(pipe)
                if len(begun) >= 2 * THREADS:
                    yield from begun.popleft()
            while begun:
                yield from begun.popleft()
        finally:
            stop.set()
            for pipe in begun:
                pipe.end.cancel()


class SharedReads(Generic[_In, _Out]):
    """Reads each value once for all threads; an error of the read is raised in each of them."""

    def __init__(self, read: Callable[[_In], _Out]) -> None:
        self._read = read
        self._lock = Lock()
        self._begun: dict[_In, Future[_Out]] = {}

    def get(self, what: _In) -> _Out:
        """Give a value, which the first thread that asks for it reads."""
        with self._lock:
            begun = self._begun.get(what)
            mine = self._begun.setdefault(what, Future()) if begun is None else None
        if begun is not None:
            return begun.result()
        assert mine is not None  # it was just made
        try:
            mine.set_result(self._read(what))
        except BaseException as error:
            mine.set_exception(error)
            raise
        return mine.result()


class _Pipe(Iterator[_Out]):
    """The entries of one list that were fetched and not read; an error of the list ends it.

    The reader takes all that is there at once: a lock for each entry costs more than its decoding.
    """

    end: Future[None]

    def __init__(self, stop: Event) -> None:
        self._stop = stop
        self._changed = Condition()
        self._fetched: deque[_Out] = deque()
        self._taken: deque[_Out] = deque()
        self._is_whole = False

    def fill(self, work: Callable[[_In], Iterable[_Out]], item: _In) -> None:
        try:
            for found in work(item):
                if not self._put(found):
                    return
        finally:
            with self._changed:
                self._is_whole = True
                self._changed.notify()

    def _put(self, found: _Out) -> bool:
        with self._changed:
            while len(self._fetched) >= _MOST_FETCHED and not self._stop.is_set():
                self._changed.wait(_PUT_SECONDS)
            self._fetched.append(found)
            self._changed.notify()
        return not self._stop.is_set()

    def __next__(self) -> _Out:
        if not self._taken:
            self._take()
        if self._taken:
            return self._taken.popleft()
        self.end.result()
        raise StopIteration

    def _take(self) -> None:
        with self._changed:
            while not self._fetched and not self._is_whole:
                self._changed.wait()
            self._taken, self._fetched = self._fetched, self._taken
            self._changed.notify()


@contextmanager
def _pool(stop: Event | None, threads: int = THREADS) -> Iterator[ThreadPoolExecutor]:
    pool = ThreadPoolExecutor(threads, thread_name_prefix="azjit")
    try:
        yield pool
    except KeyboardInterrupt:
        # A thread that waits for an answer is not waited for: the process ends without it.
        if stop is not None:
            stop.set()
        pool.shutdown(wait=False, cancel_futures=True)
        raise
    finally:
        pool.shutdown(wait=stop is None or not stop.is_set())
