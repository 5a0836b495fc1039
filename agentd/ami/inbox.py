"""Frames that have come and wait for their turn."""

from __future__ import annotations

from collections import deque

from agentd.ami.wire import Frame

__all__ = ["Inbox"]


class Inbox:
    """A queue of frames that knows how long the oldest has been waiting. Times are seconds, given by the caller."""

    def __init__(self) -> None:
        self._batches: deque[tuple[float, list[Frame]]] = deque()  # when they came
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def put(self, now: float, frames: list[Frame]) -> None:
        """Append frames that came at ``now``."""
        if frames:
            self._batches.append((now, frames))
            self._count += len(frames)

    def take(self, most: int) -> list[Frame]:
        """The oldest frames, at most as many as asked for."""
        taken: list[Frame] = []
        while self._batches and len(taken) < most:
            came, frames = self._batches[0]
            room = most - len(taken)
            taken += frames[:room]
            if len(frames) > room:
                self._batches[0] = (came, frames[room:])
            else:
                self._batches.popleft()
        self._count -= len(taken)
        return taken

    def lag(self, now: float) -> float:
        """For how many seconds the oldest frame has been waiting; 0 if there is none."""
        return now - self._batches[0][0] if self._batches else 0.0
