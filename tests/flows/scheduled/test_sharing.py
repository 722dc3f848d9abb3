"""Shares of a reading, dealt out to runs of their own and read by the run that deals them out."""

from uuid import UUID, uuid4

from flows.scheduled.sharing import Shares
from warehouse.derive import Share

_ONE, _TWO, _THREE = (Share(number, 3) for number in (1, 2, 3))


class _Runs:
    """Runs that begin when they are told to, as a pool with one place has them wait."""

    def __init__(self) -> None:
        self.waiting: set[UUID] = set()

    def begin(self) -> UUID:
        run_id = uuid4()
        self.waiting.add(run_id)
        return run_id

    def call_off(self, run_id: UUID) -> bool:
        if run_id in self.waiting:
            self.waiting.remove(run_id)
            return True
        return False


def _shares() -> tuple[Shares, _Runs]:
    runs = _Runs()
    return Shares([_ONE, _TWO, _THREE], runs.call_off), runs


def test_a_share_that_nobody_has_is_read_here_before_any_is_taken_back() -> None:
    shares, runs = _shares()
    assert shares.send(_ONE, runs.begin)
    assert [shares.take(), shares.take()] == [_THREE, _TWO]
    assert shares.is_sent(_ONE)
    assert shares.take() == _ONE
    assert not shares.is_sent(_ONE)
    assert shares.take() is None


def test_a_run_that_has_begun_is_not_taken_back() -> None:
    """Until it fails; then its share is anybody's again."""
    shares, runs = _shares()
    for share in (_ONE, _TWO, _THREE):
        assert shares.send(share, runs.begin)
    runs.waiting.clear()
    assert shares.take() is None
    shares.give_back(_TWO)
    assert shares.take() == _TWO


def test_a_share_is_sent_to_one_run_alone() -> None:
    """Not while it is read here, nor when it is done."""
    shares, runs = _shares()
    assert shares.take() == _THREE
    assert shares.send(_THREE, runs.begin) is None
    assert shares.send(_ONE, runs.begin)
    assert shares.send(_ONE, runs.begin) is None
    shares.done(_ONE)
    assert shares.send(_ONE, runs.begin) is None


def test_the_run_of_a_share_that_was_taken_back_has_no_say_any_more() -> None:
    """However it ended, the share is being read here."""
    shares, runs = _shares()
    shares.send(_ONE, runs.begin)
    while shares.take() is not None:
        pass
    shares.give_back(_ONE, "Crashed: its worker was killed")
    assert shares.failures == {}
    assert not shares.over()
    for share in (_ONE, _TWO, _THREE):
        shares.done(share)
    assert shares.over()


def test_what_failed_is_over_and_told() -> None:
    shares, runs = _shares()
    shares.send(_ONE, runs.begin)
    assert shares.take() == _THREE
    assert shares.take() == _TWO
    runs.waiting.clear()
    shares.give_back(_ONE, "Crashed: its worker was killed")
    shares.failed(_TWO, "no room")
    shares.done(_THREE)
    assert shares.over()
    assert shares.failures == {_ONE: "Crashed: its worker was killed", _TWO: "no room"}


def test_a_dealing_run_that_ends_early_leaves_no_run_waiting() -> None:
    """Those under way read on, and what they read is there for the next."""
    shares, runs = _shares()
    shares.send(_ONE, runs.begin)
    runs.waiting.clear()
    shares.send(_TWO, runs.begin)
    shares.close()
    assert runs.waiting == set()
    assert shares.over()
    assert shares.send(_THREE, runs.begin) is None
