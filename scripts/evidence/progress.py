# SPDX-License-Identifier: Apache-2.0
"""A bar that redraws itself on a terminal, a plain line now and then elsewhere."""

import shutil
import sys
import time

PLAIN_SECONDS = 60


def clock(seconds):
    seconds = round(seconds)
    hours, minutes = seconds // 3600, seconds // 60 % 60
    return f"{hours}:{minutes:02}:{seconds % 60:02}" if hours else f"{minutes}:{seconds % 60:02}"


class Progress:
    def __init__(self, stream=None):
        self.stream = stream or sys.stdout
        self.terminal = self.stream.isatty()
        self.drawn = False
        self.spoken = time.monotonic()

    def note(self, text):
        """A line of its own, that stays."""
        if self.drawn:
            self.stream.write("\r\033[K")
            self.drawn = False
        print(text, file=self.stream, flush=True)
        self.spoken = time.monotonic()

    def show(self, done, total, fraction, running, left):
        """`running`: texts; `left`: seconds, None = not known."""
        eta = f"about {clock(left)} left" if left is not None else "time left not known yet"
        text = f"{done}/{total} runs, {eta}: {', '.join(running)}"
        if self.terminal:
            width = shutil.get_terminal_size().columns
            filled = round(20 * fraction)
            bar = f"[{'=' * filled}{'>' if filled < 20 else ''}{' ' * (19 - filled)}] " if width >= 60 else ""
            self.stream.write("\r\033[K" + (bar + text)[:width - 1])
            self.stream.flush()
            self.drawn = True
        elif time.monotonic() - self.spoken >= PLAIN_SECONDS:
            self.note(text)

    def finish(self):
        if self.drawn:
            self.stream.write("\r\033[K")
            self.stream.flush()
            self.drawn = False
