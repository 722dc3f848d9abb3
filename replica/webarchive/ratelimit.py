"""How many requests a minute an archive takes: too many close it, and asking on keeps it closed."""

from collections import deque
from collections.abc import Callable

CLOSED_SECONDS = 60


class RateLimit:
    """So many requests in any minute of the clock; None takes all.

    What comes after that is refused until nothing has come for a minute.
    """

    def __init__(self, per_minute: int | None, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._taken: deque[float] | None = None if per_minute is None else deque(maxlen=per_minute)
        self._closed_until = float("-inf")

    def takes_another(self) -> bool:
        """Whether a request that comes now is answered; it counts, and so does a refused one."""
        taken = self._taken
        if taken is None:
            return True
        now = self._clock()
        is_full = len(taken) == taken.maxlen and (not taken or now - taken[0] < CLOSED_SECONDS)
        if is_full or now < self._closed_until:
            self._closed_until = now + CLOSED_SECONDS
            return False
        taken.append(now)
        return True
