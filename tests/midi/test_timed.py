"""Messages that wait for their time."""

import random

from livegen.midi.timed import Timed, TimedMessage, pack_lates, unpack, unpack_lates

ON = bytes((0x99, 36, 90))


def test_messages_come_in_order_of_time_and_none_before_it_is_due() -> None:
    timed, dues = Timed(), random.Random(1).sample(range(100), 40)
    for number in dues:
        timed.add(TimedMessage(float(number), number % 3, ON))
    assert timed.take(-0.001) is None
    taken = []
    while (due := timed.next_due) is not None:
        assert timed.take(due - 0.001) is None
        taken.append(timed.take(due))
    assert [each and each.due for each in taken] == sorted(map(float, dues))


def test_what_is_cancelled_or_of_an_output_that_is_closed_is_not_taken() -> None:
    timed = Timed()
    kept, cancelled, closed = (TimedMessage(1.0, number, ON) for number in (0, 1, 2))
    for each in (kept, cancelled, closed):
        timed.add(each)
    timed.cancel(cancelled)
    timed.cancel(cancelled)  # that it was taken, or cancelled, is no mistake
    timed.forget(2)
    assert timed.take(2.0) == kept and timed.take(2.0) is None and timed.next_due is None


def test_frames_carry_times_exactly() -> None:
    message = TimedMessage(12345.678901234567, 199, ON)
    assert unpack(message.pack()) == message
    assert unpack_lates(pack_lates([(1.1, 0.5), (2.2, 0.25)])) == [(1.1, 0.5), (2.2, 0.25)]
