"""Whatever bytes a file holds, reading it ends in tracks or in an error that says why.

Ten thousand mutated files of every format and container, in two processes beside this one, which a crash or a
hang cannot take along: `fuzz_worker` says how they are made and how one that fails is had again.
"""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
import traceback
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from fuzz_worker import CONTAINERS, SAMPLES, TOKENS, mutated, short_csv

if TYPE_CHECKING:
    from collections.abc import Iterator

INPUTS = 10_000
AT_ONCE = 500
WORKERS = 2
MOST_CRASHES = 5  # before a format is given up
HERE = Path(__file__).parent

# That mutations reach the readers, and that they do harm: the least share of inputs that must end so.
# A container's checksums turn most of them into errors, a text format forgives most.
LEAST_ROWS = 0.05
LEAST_ELSE = 0.03


class Worker:
    """One process that reads inputs, started again where it ends before its time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._progress = folder / "progress"
        self._progress.write_bytes(bytes(8))
        self._errors = folder / "stderr"
        self._process: subprocess.Popen[str] | None = None

    def job(self, name: str, begin: int, end: int) -> dict[str, Any]:
        """Return what `fuzz_worker` answers, or where and how its process ended."""
        process = self._running()
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(json.dumps({"format": name, "begin": begin, "end": end}) + "\n")
            process.stdin.flush()
            answer = process.stdout.readline()
        except BrokenPipeError:
            answer = ""
        if answer:
            return dict(json.loads(answer))
        self._process = None
        code = process.wait()
        number = int.from_bytes(self._progress.read_bytes(), "little")
        how = f"{name} {number}: ended with status {code}\n{self._errors.read_text(errors='replace')[-3000:]}"
        return {"counts": {"failure": 1}, "failures": [how], "ended_at": number}

    def _running(self) -> subprocess.Popen[str]:
        if self._process is None:
            # One thread each: the inputs are small, and waiting for one another would take most of the time.
            single = {"POLARS_MAX_THREADS": "1", "NUMBA_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
            with self._errors.open("w") as errors:
                self._process = subprocess.Popen(
                    [sys.executable, str(HERE / "fuzz_worker.py"), str(self._folder), str(self._progress)],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=errors,
                    text=True,
                    env=os.environ | single,
                )
            assert self._process.stdout is not None
            if not self._process.stdout.readline():
                raise RuntimeError(f"the worker did not start: {self._errors.read_text()[-3000:]}")
        return self._process

    def stop(self) -> None:
        """Let the process end."""
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()
            self._process.wait(60)


@pytest.fixture(scope="module")
def workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Worker]]:
    """Return the processes; they serve all formats, for starting one takes as long as a thousand inputs."""
    made = [Worker(tmp_path_factory.mktemp("fuzz")) for _ in range(WORKERS)]
    yield made
    for worker in made:
        worker.stop()


def answers(workers: list[Worker], name: str) -> list[dict[str, Any]]:
    """Return the answers to all jobs of a format, which the workers share."""
    jobs: queue.SimpleQueue[tuple[int, int]] = queue.SimpleQueue()
    for begin in range(0, INPUTS, AT_ONCE):
        jobs.put((begin, min(begin + AT_ONCE, INPUTS)))
    found: list[dict[str, Any]] = []

    def serve(worker: Worker) -> None:
        while sum("ended_at" in answer for answer in found) < MOST_CRASHES:
            try:
                begin, end = jobs.get_nowait()
            except queue.Empty:
                return
            try:
                answer = worker.job(name, begin, end)
            except Exception:  # which a thread would keep to itself
                found.append({"counts": {}, "failures": [traceback.format_exc()]})
                return
            if "ended_at" in answer:  # what came before it in this job is read once more
                passed = range(begin, answer["ended_at"]), range(answer["ended_at"] + 1, end)
                for rest in passed:
                    if rest:
                        jobs.put((rest.start, rest.stop))
            found.append(answer)

    threads = [threading.Thread(target=serve, args=[worker]) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


@pytest.mark.slow
@pytest.mark.parametrize("name", SAMPLES)
def test_any_bytes_end_in_tracks_or_in_an_error(workers: list[Worker], name: str) -> None:
    """No other exception, no crash, no hang, no word on standard error, and no more than 6 GiB of memory."""
    counts: Counter[str] = Counter()
    failures: list[str] = []
    for answer in answers(workers, name):
        counts.update(answer["counts"])
        failures += answer["failures"]
    print(name, dict(counts))  # pytest -rP shows it

    assert not failures, "\n\n".join(failures[:MOST_CRASHES])
    assert counts.total() == INPUTS
    assert counts["rows"] >= LEAST_ROWS * INPUTS
    assert counts["error"] + counts["no rows"] >= LEAST_ELSE * INPUTS


def test_an_input_can_be_had_again() -> None:
    """From its format and number alone, in another process, or what is found could not be looked into."""
    program = [sys.executable, str(HERE / "fuzz_worker.py"), "csv"]

    first, again, other = (
        subprocess.run([*program, number], capture_output=True, check=True).stdout
        for number in ("7", "7", "8")
    )

    assert first == again != other


def test_mutations_change_nearly_every_sample() -> None:
    """And insert each of the tokens sooner or later."""
    import random

    sample = short_csv()
    made = [mutated([sample], random.Random(number), is_text=True) for number in range(3000)]

    assert sum(each != sample for each in made) > 2900
    missing = [token for token in TOKENS if token not in sample and not any(token in each for each in made)]
    assert missing == []
    assert set(CONTAINERS) < set(SAMPLES)
