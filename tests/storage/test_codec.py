"""What is written can be read, and is the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentd.core.model import State
from agentd.core.records import KINDS, LoginEnded, Record
from agentd.engine.ports import Entry
from agentd.storage.codec import decode_batch, decode_state, encode_batch, encode_state
from agentd.storage.errors import JournalDamaged

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
st.register_type_strategy(str, TEXT)
st.register_type_strategy(float, st.floats(allow_nan=False, allow_infinity=False))
st.register_type_strategy(int, st.integers(-(2**63), 2**63 - 1))

RECORDS = st.sampled_from(list(KINDS.values())).flatmap(st.from_type)


@given(st.lists(RECORDS, min_size=1, max_size=5), st.integers(1, 2**40), st.from_type(float))
def test_records_come_back_as_they_were(records: list[Record], first: int, at: float) -> None:
    entries = [Entry(first + number, at, record) for number, record in enumerate(records)]
    batch = decode_batch(encode_batch("pbx1", entries, first - 1))
    assert batch.entries == entries
    assert batch.synced == first - 1


@given(st.from_type(State))
def test_a_checkpoint_comes_back_equal(state: State) -> None:
    assert decode_state(encode_state(state)) == state


def test_every_kind_of_record_has_a_name_of_its_own() -> None:
    def leaves(cls: type[Record]) -> list[type[Record]]:
        return [leaf for sub in cls.__subclasses__() for leaf in (leaves(sub) or [sub])]

    assert {leaf.__name__ for leaf in leaves(Record)} == {cls.__name__ for cls in KINDS.values()}
    assert len(set(KINDS.values())) == len(KINDS)


def test_text_that_is_not_unicode_does_not_stop_the_journal() -> None:
    payload = encode_batch("pbx1", [Entry(1, 1.0, LoginEnded("1000", "no \udcff answer"))], 0)
    assert decode_batch(payload).entries == [Entry(1, 1.0, LoginEnded("1000", "no ? answer"))]


def test_a_record_that_could_not_be_read_again_is_not_written() -> None:
    with pytest.raises(ValueError, match="login-ended"):
        encode_batch("pbx1", [Entry(1, 1.0, LoginEnded("1000", None))], 0)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "payload",
    [
        b"{}",
        b"nonsense",
        b'{"synced":0,"records":[{"daemon":"d","seq":1,"at":1,"kind":"of tomorrow","fields":{}}]}',
    ],
)
def test_what_is_not_ours_is_named_damage(payload: bytes) -> None:
    with pytest.raises(JournalDamaged):
        decode_batch(payload)
