"""The wire: every message comes back as it went, inf and nan included."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.contract.answers import WeightsShown
from engine.contract.codec import decode_command, decode_event, encode, encode_for_scripts
from engine.contract.commands import SetPace, StartTraining, TraceSoftmax
from engine.contract.config import TrainConfig
from engine.contract.engine_events import Failed
from engine.contract.errors import InputError
from engine.contract.events import EpochDone


@given(st.lists(st.floats(allow_nan=False), min_size=1, max_size=5))
def test_logits_of_any_size_survive_the_wire(row: list[float]) -> None:
    asked = TraceSoftmax(rows=(tuple(row),), request=7)
    assert decode_command(encode(asked)) == asked


def test_non_finite_numbers_travel_as_words_and_come_back() -> None:
    sent = TraceSoftmax(rows=((math.inf, -math.inf, math.nan),))
    line = encode(sent)
    assert json.loads(line)["rows"] == [["inf", "-inf", "nan"]]
    (row,) = decode_command(line).rows  # type: ignore[union-attr]
    assert row[:2] == (math.inf, -math.inf)
    assert math.isnan(row[2])


def test_for_scripts_non_finite_numbers_are_null() -> None:
    event = EpochDone(
        epoch=1,
        train_loss=math.nan,
        train_accuracy=0.1,
        validation_loss=math.inf,
        validation_accuracy=0.1,
        seconds=1.0,
        learning_rate=0.1,
    )
    line = json.loads(encode_for_scripts(event))
    assert line["train_loss"] is None
    assert line["validation_loss"] is None
    assert line["type"] == "epoch"
    assert encode_for_scripts([-0.0, -1.5]) == "[0.0,-1.5]"


def test_bytes_and_configs_survive() -> None:
    weights = WeightsShown(
        request=1,
        epoch=2,
        minibatch=3,
        num_classes=1,
        image_height=1,
        image_width=2,
        largest=1.0,
        values=bytes(range(2)),
    )
    assert decode_event(encode(weights)) == weights
    started = StartTraining(config=TrainConfig(learning_rate=0.3, dataset="näme [/b] \x1b"), request=3)
    assert decode_command(encode(started)) == started


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{",
        b"null",
        b'{"type":"nonsense"}',
        b'{"type":"set_pace"}',
        b"\xff\xfe",
        b'{"type":"set_pace","minibatches_per_second":"x"}',
    ],
)
def test_a_line_that_is_no_message_is_one_readable_error(line: bytes) -> None:
    for decode in (decode_command, decode_event):
        with pytest.raises(InputError) as refused:
            decode(line)
        assert len(str(refused.value).splitlines()) == 1


def test_a_message_is_one_line() -> None:
    assert encode(Failed(1, "a\nb")).count(b"\n") == 1
    assert encode(SetPace(1.5)).endswith(b"}\n")


def test_a_path_that_is_not_utf_8_travels_with_its_bytes_to_be_seen() -> None:
    path = b"caf\xe9/\xc3\xa9.npz".decode(errors="surrogateescape")
    event = decode_event(encode(Failed(1, f"found no file {path}")))
    assert event == Failed(1, "found no file caf\\udce9/é.npz")
    asked = decode_command(encode(StartTraining(config=TrainConfig(dataset=path))))
    assert asked.config.dataset == "caf\\udce9/é.npz"  # type: ignore[union-attr]
    assert json.loads(encode_for_scripts({path: [path, math.inf]})) == {"caf\\udce9/é.npz": ["caf\\udce9/é.npz", None]}


def test_what_a_line_quotes_of_another_reaches_no_terminal_as_it_came() -> None:
    with pytest.raises(InputError) as refused:
        decode_command(b'{"type":"\\u001b[31mred\\n"}')
    assert "\\x1b[31mred\\n" in str(refused.value)
    assert str(refused.value).isprintable()
