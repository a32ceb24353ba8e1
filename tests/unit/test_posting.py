"""How many tenant POSTs may be under way: one until an answer was good, none after an answer that was not."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait

import pytest

from psaas_resources import posting
from psaas_resources.errors import (
    AnswerUnusable,
    CredentialMissing,
    NameTaken,
    NotGranted,
    OutcomeUnknown,
    Stopped,
    ToldNo,
    Unreachable,
    WrongTenant,
)
from psaas_resources.posting import Posting

TIMEOUT = 30.0


class Run:
    """Tenants that POST in threads of their own. A test lets each go on when it likes."""

    def __init__(self, turns: Posting, names: list[str]) -> None:
        self.turns, self._changed = turns, threading.Condition()
        self.inside: list[str] = []
        self.most = 0
        self._outcomes: dict[str, Exception | None] = {}
        self._pool = ThreadPoolExecutor(len(names))
        self.done: dict[str, Future[None]] = {name: self._pool.submit(self._post, name) for name in names}

    def _post(self, name: str) -> None:
        with self.turns.turn(name):
            with self._changed:
                self.inside.append(name)
                self.most = max(self.most, len(self.inside))
                self._changed.notify_all()
                self._changed.wait_for(lambda: name in self._outcomes, TIMEOUT)
                self.inside.remove(name)
                outcome = self._outcomes[name]
            if outcome:
                raise outcome

    def wait_inside(self, count: int) -> list[str]:
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.inside) >= count, TIMEOUT)
            return list(self.inside)

    def answer(self, name: str, outcome: Exception | None = None) -> None:
        with self._changed:
            self._outcomes[name] = outcome
            self._changed.notify_all()

    def answer_all(self, outcome: Callable[[str], Exception | None]) -> None:
        """Lets every tenant go on as it comes, and waits for the last."""
        with self._changed:
            self._outcomes |= {name: outcome(name) for name in self.done}
            self._changed.notify_all()
        wait(self.done.values(), TIMEOUT)
        self._pool.shutdown()

    def errors(self) -> dict[str, BaseException | None]:
        return {name: future.exception(TIMEOUT) for name, future in self.done.items()}


NAMES = [f"customer-{number}" for number in range(12)]


def test_the_first_post_of_a_run_goes_alone_and_the_others_follow_when_it_was_good() -> None:
    run = Run(Posting(4), NAMES)
    (first,) = run.wait_inside(1)
    assert run.most == 1
    run.answer(first)
    assert len(run.wait_inside(4)) == 4
    run.answer_all(lambda _: None)
    assert run.most == 4
    assert set(run.errors().values()) == {None}


def test_no_more_than_the_stated_number_are_ever_under_way() -> None:
    for at_once in (1, 2, 5):
        run = Run(Posting(at_once), NAMES)
        run.answer_all(lambda _: None)
        assert run.most <= at_once
        assert set(run.errors().values()) == {None}


@pytest.mark.parametrize(
    "refusal",
    [NameTaken("taken", status=409), NotGranted("no", status=403), ToldNo("no", status=400), Unreachable("down")],
)
def test_a_refused_name_neither_opens_the_way_for_the_others_nor_stops_them(refusal: Exception) -> None:
    run = Run(Posting(4), NAMES)
    for _ in range(3):
        (name,) = run.wait_inside(1)
        assert run.most == 1
        run.answer(name, refusal)
        with pytest.raises(type(refusal)):
            run.done[name].result(TIMEOUT)
    (name,) = run.wait_inside(1)
    run.answer(name)
    assert len(run.wait_inside(4)) == 4
    run.answer_all(lambda _: None)
    assert sum(error is not None for error in run.errors().values()) == 3


@pytest.mark.parametrize("unusable", [CredentialMissing("x"), WrongTenant("x"), AnswerUnusable("x")])
def test_an_answer_that_cannot_be_used_stops_all_that_were_not_tried(unusable: Exception) -> None:
    run = Run(Posting(4), NAMES)
    (first,) = run.wait_inside(1)
    run.answer_all(lambda _: unusable)
    errors = run.errors()
    assert errors.pop(first) is unusable
    assert {type(error) for error in errors.values()} == {Stopped}
    for name, error in errors.items():
        assert name in str(error)
        assert first in str(error)
        assert "was not tried" in str(error)
        assert "Nothing was sent" in str(error)


def test_a_stop_lets_those_that_are_under_way_finish() -> None:
    run = Run(Posting(3), NAMES[:5])
    (first,) = run.wait_inside(1)
    run.answer(first)
    under_way = run.wait_inside(3)
    run.answer(under_way[0], CredentialMissing("x"))
    with pytest.raises(CredentialMissing):
        run.done[under_way[0]].result(TIMEOUT)
    run.answer_all(lambda _: None)
    kinds = [type(error) for error in run.errors().values()]
    assert kinds.count(Stopped) == 1
    assert kinds.count(type(None)) == 3


def test_one_unknown_outcome_does_not_stop_the_run_and_a_second_does() -> None:
    run = Run(Posting(4), NAMES)
    (first,) = run.wait_inside(1)
    run.answer(first, OutcomeUnknown("?"))
    with pytest.raises(OutcomeUnknown):
        run.done[first].result(TIMEOUT)
    (second,) = run.wait_inside(1)
    run.answer_all(lambda _: OutcomeUnknown("?"))
    kinds = {name: type(error) for name, error in run.errors().items()}
    assert kinds.pop(first) is OutcomeUnknown
    assert kinds.pop(second) is OutcomeUnknown
    assert set(kinds.values()) == {Stopped}


def test_after_an_unknown_outcome_the_next_goes_alone() -> None:
    run = Run(Posting(4), NAMES[:6])
    (first,) = run.wait_inside(1)
    run.answer(first, OutcomeUnknown("?"))
    with pytest.raises(OutcomeUnknown):
        run.done[first].result(TIMEOUT)
    run.wait_inside(1)
    assert run.most == 1
    run.answer_all(lambda _: None)
    assert sum(error is not None for error in run.errors().values()) == 1


def test_unknown_outcomes_are_counted_over_the_whole_run_whatever_succeeds_between_them() -> None:
    turns = Posting(4)
    for name, outcome in (
        ("customer-1", OutcomeUnknown("?")),
        ("customer-2", None),
        ("customer-3", OutcomeUnknown("?")),
    ):
        run = Run(turns, [name])
        run.wait_inside(1)
        run.answer_all(lambda _, outcome=outcome: outcome)
    with pytest.raises(Stopped, match="2 requests"), turns.turn("customer-4"):
        raise AssertionError("a turn was given")


def test_a_stop_from_elsewhere_is_told_to_all_that_come_after() -> None:
    turns = Posting(4)
    with turns.turn("customer-1"):
        turns.stop("the escrow can no longer be written")
        turns.stop("another reason that comes too late")
    with pytest.raises(Stopped) as caught, turns.turn("customer-2"):
        raise AssertionError("a turn was given")
    assert "customer-2" in str(caught.value)
    assert "the escrow can no longer be written" in str(caught.value)


def test_an_error_of_any_other_kind_gives_the_turn_back() -> None:
    turns = Posting(1)
    for error in (KeyError("x"), KeyboardInterrupt()):
        with pytest.raises(type(error)), turns.turn("customer-1"):
            raise error
    with turns.turn("customer-2"):
        pass


def test_a_process_has_one_set_of_turns_for_an_appliance() -> None:
    assert posting.of("a.test", 4) is posting.of("a.test", 4)
    assert posting.of("a.test", 4) is not posting.of("b.test", 4)
