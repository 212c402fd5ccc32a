# SPDX-License-Identifier: Apache-2.0
"""What a run's folder says about it. Beside the files of `cuatro train` it holds job.json, the key of the settings that it
was started with, and log.txt, what the run printed."""

import enum
import hashlib
import json
import os
import re
import shutil


class State(enum.Enum):
    NEW = "new"                   # nothing there, or of other settings, or it failed
    INTERRUPTED = "interrupted"   # continues with --resume
    DONE = "done"


def read_json(path):
    """None for a file that is not there or not whole."""
    try:
        return json.loads(path.read_text())
    except (OSError, ValueError):
        return None


def write_atomically(path, text):
    beside = path.with_name(path.name + ".tmp")
    with open(beside, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(beside, path)


def digest_of(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:16]


def summary_of(folder):
    """summary.json of a finished run, or None."""
    summary = read_json(folder / "summary.json")
    return summary if isinstance(summary, dict) and summary.get("weights_digest") else None


def state_of(folder, run):
    job = read_json(folder / "job.json")
    if not isinstance(job, dict) or job.get("key") != run.key or job.get("failed"):
        return State.NEW
    if summary_of(folder):
        return State.DONE
    return State.INTERRUPTED if (folder / "checkpoint.safetensors").exists() else State.NEW


def prepare(folder, run, build):
    """The folder of a run that is about to start afresh."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    write_job(folder, run, build)


def write_job(folder, run, build, failed=None):
    job = {"key": run.key, "build": build, "config": str(run.config), "flags": list(run.flags), "seed": run.seed}
    if failed:
        job["failed"] = failed
    write_atomically(folder / "job.json", json.dumps(job, indent=2) + "\n")


def fraction_done(folder):
    """0 .. 1, by the last line of progress in the log ("step 120/3752  loss …")."""
    try:
        with open(folder / "log.txt", "rb") as file:
            file.seek(max(0, os.path.getsize(folder / "log.txt") - 4096))
            text = file.read().decode(errors="replace")
    except OSError:
        return 0.0
    found = re.findall(r"^step (\d+)/(\d+)\b", text, re.M)
    return int(found[-1][0]) / int(found[-1][1]) if found and int(found[-1][1]) else 0.0


def last_words(folder):
    """The line that a failed run left."""
    try:
        lines = (folder / "log.txt").read_text(errors="replace").strip().splitlines()
    except OSError:
        lines = []
    return lines[-1].removeprefix("cuatro: ") if lines else "it left no message"
