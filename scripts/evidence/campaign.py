# SPDX-License-Identifier: Apache-2.0
"""Runs what of a matrix is still missing, a process a job. Every run can be interrupted and continued, and so can a campaign."""

import dataclasses
import signal
import subprocess
import time

from evidence import run_state
from evidence.run_state import State

POLL_SECONDS = 0.2
STOP_SECONDS = 120      # for checkpoints, before a run is killed


@dataclasses.dataclass
class Job:
    run: object
    folder: object
    process: subprocess.Popen
    began: float
    fraction_before: float     # done by earlier processes


class Campaign:
    def __init__(self, runs, out, cuatro, jobs, progress, fresh=False):
        self.runs, self.out, self.cuatro, self.jobs, self.progress = runs, out, cuatro, jobs, progress
        self.fresh = fresh         # do also what is done
        self.build = run_state.digest_of(cuatro)
        self.running, self.failures = [], []
        self.seconds = {}          # of finished runs, by (result, engine): what a similar run will take
        self.finished = 0
        self.stopping = False      # SIGINT or SIGTERM came

    def folder(self, run):
        return self.out / run.id

    @staticmethod
    def kind(run):
        """Runs of one kind take about the same time."""
        flags = list(run.flags)
        return run.result, flags[flags.index("--engine") + 1] if "--engine" in flags[:-1] else ""

    def start(self, run):
        folder = self.folder(run)
        if not self.fresh and run_state.state_of(folder, run) is State.INTERRUPTED:
            command = [self.cuatro, "train", "--resume", folder]
            run_state.write_job(folder, run, self.build)
        else:
            run_state.prepare(folder, run, self.build)
            command = [self.cuatro, "train", "--config", run.config, *run.flags, "--seed", str(run.seed), "--run-dir", folder]
        before = run_state.fraction_done(folder)
        with open(folder / "log.txt", "ab") as log:
            # A session of its own: Ctrl-C reaches the run through us, once.
            process = subprocess.Popen([str(part) for part in command], stdin=subprocess.DEVNULL, stdout=log,
                                       stderr=subprocess.STDOUT, start_new_session=True)
        self.running.append(Job(run, folder, process, time.monotonic(), before))

    def fail(self, run, why):
        self.failures.append(f"{run.name}: {why}")
        self.progress.note(f"FAILED {run.name}: {why}")

    def end(self, job):
        self.running.remove(job)
        self.finished += 1
        code = job.process.returncode
        summary = run_state.summary_of(job.folder) if code == 0 else None
        if summary is None:
            why = run_state.last_words(job.folder) if code > 0 else \
                f"killed by signal {-code}" if code < 0 else "it ended without a summary.json"
            if code not in (130,) and code >= 0:       # else the next campaign continues it
                run_state.write_job(job.folder, job.run, self.build, failed=why)
            self.fail(job.run, f"{why} (log: {job.folder / 'log.txt'})")
            return
        seconds = time.monotonic() - job.began
        self.seconds[self.kind(job.run)] = seconds / max(1e-3, 1 - job.fraction_before)
        self.progress.note(f"{self.finished}/{len(self.todo)}  {job.run.name}: {value_text(summary)} in {seconds:.0f} s")

    def expected_seconds(self, run):
        """Of a whole run: as a finished one of its kind, or as a running one that has come far enough, or as the mean."""
        if self.kind(run) in self.seconds:
            return self.seconds[self.kind(run)]
        for job in self.running:
            gone = run_state.fraction_done(job.folder) - job.fraction_before
            if self.kind(job.run) == self.kind(run) and gone > 0.02:
                return (time.monotonic() - job.began) / gone
        return None

    def show(self, waiting):
        fractions = [run_state.fraction_done(job.folder) for job in self.running]
        todo = [(job.run, 1 - fraction) for job, fraction in zip(self.running, fractions)] + [(run, 1.0) for run in waiting]
        known = [(self.expected_seconds(run), rest) for run, rest in todo]
        seconds = [each for each, _ in known if each is not None]
        mean = sum(seconds) / len(seconds) if seconds else None
        left = sum((mean if each is None else each) * rest for each, rest in known) / max(1, min(self.jobs, len(todo))) \
            if mean is not None else None
        self.progress.show(self.finished, len(self.todo), (self.finished + sum(fractions)) / len(self.todo),
                           [f"{job.run.name} {100 * fraction:.0f} %" for job, fraction in zip(self.running, fractions)], left)

    def stop_runs(self):
        """Interrupts the running processes, which save a checkpoint, and waits for them."""
        for job in self.running:
            job.process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        for job in self.running:
            try:
                job.process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                job.process.kill()
                job.process.wait()

    def work(self):
        """Runs what is missing. Afterwards `failures` has a line a failed run, and `stopping` tells of an interruption."""
        self.todo = [run for run in self.runs if self.fresh or run_state.state_of(self.folder(run), run) is not State.DONE]
        if len(self.todo) < len(self.runs):
            self.progress.note(f"{len(self.runs) - len(self.todo)} of {len(self.runs)} runs are done already")
        waiting = list(self.todo)

        def stop(*_):
            self.stopping = True

        handlers = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            while (waiting or self.running) and not self.stopping:
                while waiting and len(self.running) < self.jobs:
                    run = waiting.pop(0)
                    try:
                        self.start(run)
                    except OSError as fault:
                        self.finished += 1
                        self.fail(run, f"cannot be started: {fault}")
                for job in list(self.running):
                    if job.process.poll() is not None:
                        self.end(job)
                if self.running:
                    self.show(waiting)
                    time.sleep(POLL_SECONDS)
        finally:
            self.progress.finish()
            self.stop_runs()
            for number, handler in handlers.items():
                signal.signal(number, handler)


def value_of(summary):
    """(value, unit) of a summary: bits a character, or the accuracy in percent."""
    if summary.get("bits_per_character") is not None:
        return summary["bits_per_character"], "bits/char"
    accuracy = summary.get("test_accuracy")
    if accuracy is None:
        accuracy = summary.get("validation_accuracy")
    return (None if accuracy is None else 100 * accuracy), "%"


def value_text(summary):
    value, unit = value_of(summary)
    return "no result" if value is None else f"{value:.4f} {unit}" if unit != "%" else f"{value:.2f} %"
