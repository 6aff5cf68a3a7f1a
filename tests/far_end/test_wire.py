"""Every type of the wire: what a real worker says is taken, what does not fit is refused in one line."""

from __future__ import annotations

import itertools
from random import Random
from typing import cast, get_args

import pytest
from msgspec import Struct, inspect
from msgspec.structs import replace

from engine.contract import commands
from engine.contract.codec import LONGEST_LINE, decode_command, decode_event, encode, encode_event, kind_of
from engine.contract.commands import Command, ListRuns, Question
from engine.contract.engine_events import Done, Failed
from engine.contract.errors import InputError
from engine.contract.monitoring import MonitorQuestion
from engine.contract.quantities import LONGEST_TEXT
from engine.contract.wire import ANSWERS, Event, Reply, check_answer
from tests.far_end.mutations import ESCAPES, hostile, line_of, mutations
from tests.far_end.recorded import Message, recorded

RECORDED = recorded()
TAGS = {one.__struct_config__.tag for one in get_args(Event)}


def tag_of(kind: type[Struct]) -> object:
    return kind.__struct_config__.tag


def test_a_message_of_every_type_is_recorded_and_still_fits() -> None:
    assert {said["type"] for _, said in RECORDED} == TAGS, "run python -m tests.long.record_wire"
    for asked, said in RECORDED:
        event = decode_event(line_of(said))
        assert tag_of(type(event)) == said["type"]
        assert decode_event(encode_event(event)) is not None
        if asked is not None:
            check_answer(decode_command(line_of(asked)), event)  # type: ignore[arg-type]


def test_every_question_has_its_type_of_answer() -> None:
    assert set(ANSWERS) == set(get_args(Question))
    assert set(ANSWERS.values()) | {Done, Failed} == set(get_args(Reply))


def test_an_answer_of_another_type_than_was_asked_for_is_refused_in_one_line() -> None:
    replies = {type(event): event for event in (decode_event(line_of(said)) for _, said in RECORDED)}
    commands = [decode_command(line_of(asked)) for asked, _ in RECORDED if asked is not None]
    pairs = itertools.product([*commands, ListRuns()], [kind for kind in get_args(Reply) if kind is not Failed])
    for command, kind in pairs:
        if kind is not ANSWERS.get(type(command), Done):
            with pytest.raises(InputError, match=rf"^it answered {type(command).__name__} with {kind.__name__}, .*$"):
                check_answer(command, replies[kind])


def unbounded(kind: inspect.Type, path: str, seen: set[type]) -> list[str]:
    """Texts without a longest length, and whole numbers without bounds, anywhere inside a type."""
    if isinstance(kind, inspect.StrType):
        return [] if kind.max_length is not None else [path]
    if isinstance(kind, inspect.IntType):
        return [] if (kind.ge, kind.gt) != (None, None) and (kind.le, kind.lt) != (None, None) else [path]
    if isinstance(kind, inspect.StructType):
        if kind.cls in seen:
            return []
        seen.add(kind.cls)
        return [
            found for field in kind.fields for found in unbounded(field.type, f"{kind.cls.__name__}.{field.name}", seen)
        ]
    inner = [getattr(kind, name, None) for name in ("type", "item_type", "value_type", "key_type")]
    inner += [*getattr(kind, "types", ()), *getattr(kind, "item_types", ())]
    return [found for one in inner if isinstance(one, inspect.Type) for found in unbounded(one, path, seen)]


def test_every_text_and_every_whole_number_of_the_wire_has_bounds() -> None:
    seen: set[type] = set()
    found = [place for kind in inspect.multi_type_info(get_args(Event)) for place in unbounded(kind, "", seen)]
    assert found == ["TrainConfig.mine"]  # a whole file, which is bounded where it is read


@pytest.mark.parametrize("tag", sorted(map(str, TAGS)))
def test_a_mutated_message_is_taken_or_refused_in_one_line(tag: str) -> None:
    random = Random(f"13 {tag}")
    refused = 0
    for _, said in RECORDED:
        if said["type"] == tag:
            for changed in mutations(said, random, 60):
                refused += outcome(changed)
    assert refused or tag == "done", "no mutation was refused"


def outcome(said: Message) -> bool:
    """Whether it was refused."""
    line = ""
    try:
        assert encode(decode_event(line_of(said)))
    except InputError as refusal:
        line = str(refusal)
    assert not line or (line.isprintable() and len(line) < 1000)
    return bool(line)


def test_what_is_missing_is_refused() -> None:
    for _, said in RECORDED:
        kind = next(one for one in get_args(Event) if tag_of(one) == said["type"])
        for field in inspect.type_info(kind).fields:  # type: ignore[union-attr]
            lacking = {name: value for name, value in said.items() if name != field.encode_name}
            if field.required:
                with pytest.raises(InputError):
                    decode_event(line_of(lacking))


def test_names_are_taken_with_whatever_is_in_them_but_lone_surrogates() -> None:
    for _, said in RECORDED:
        for escape in ESCAPES:
            line = line_of(hostile(said, escape))
            if "\ud800" in escape and line != line_of(said):
                with pytest.raises(InputError):
                    decode_event(line)
            else:
                assert decode_event(line) is not None


@pytest.mark.parametrize(
    "line", [b"[" * 10**6, b'{"a":' * 10**5, b'{"type":"ready","protocol":' + b"9" * 10**5 + b"}", b"\xff", b"\x00"]
)
def test_what_no_decoder_likes_is_one_line_too(line: bytes) -> None:
    with pytest.raises(InputError) as refused:
        decode_event(line)
    assert str(refused.value).isprintable()
    assert kind_of(line) in ("", "event")


def test_a_worker_cuts_what_is_too_long_and_says_so_of_a_whole_line() -> None:
    assert decode_event(encode_event(Failed(3, "x" * 10**6))) == Failed(3, "x" * (LONGEST_TEXT - 1) + "…")
    weights = next(said for _, said in RECORDED if said["type"] == "weights_shown")
    values = "A" * (4 * ((LONGEST_LINE // 4) // 16 * 16))
    large = decode_event(line_of({**weights, "values": values, "image_height": 0, "image_width": 0}))
    told = decode_event(encode_event(large))
    assert told == Failed(weights["request"], "found an answer of 32 MiB, expected at most 32 MiB")


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        (commands.TraceSoftmax, {"dtype": "bfloat16"}),
        (commands.TraceSoftmax, {"rows": ((1.0, 2.0, 3.0, 4.0, 5.0),)}),
        (commands.TraceSoftmax, {"offsets": (1.5,)}),
        (commands.ShowMistakes, {"offset": 99}),
        (commands.ShowMistakes, {"limit": 0}),
        (commands.ShowExample, {"index": 99_999}),
        (commands.ShowImages, {"indices": (99_999,)}),
        (commands.MoveThreshold, {"threshold": 0.123}),
        (commands.MoveThreshold, {"referral": 0.123}),
        (commands.ShowSets, {"level": 0.123}),
        (commands.ShowSets, {"method": "lac"}),
        (commands.ShowDecision, {"positive": 99}),
        (commands.ShowMonitor, {"question": MonitorQuestion(positive=1, moment=1, change="brightness")}),
        (commands.ShowMonitor, {"question": MonitorQuestion(positive=99)}),
    ],
    ids=lambda value: getattr(value, "__name__", str(value)[:40]),
)
def test_an_answer_about_something_else_is_no_answer(kind: type[Command], changes: dict[str, object]) -> None:
    pairs = [(decode_command(line_of(asked)), decode_event(line_of(said))) for asked, said in RECORDED if asked]
    asked, said = next(
        (asked, said) for asked, said in pairs if isinstance(asked, kind) and not isinstance(said, Failed)
    )
    check_answer(asked, cast("Reply", said))
    with pytest.raises(InputError, match=f"is not about what {kind.__name__} asked for"):
        check_answer(replace(asked, **changes), cast("Reply", said))


def test_the_text_of_a_users_functions_is_never_cut() -> None:
    started = next(said for _, said in RECORDED if said["type"] == "started")
    config = {**started["config"], "mine": "# softmax\n" * LONGEST_TEXT}
    event = decode_event(line_of({**started, "config": config}))
    assert decode_event(encode_event(event)) == event


def test_no_command_is_taken_for_an_event() -> None:
    assert not TAGS & {tag_of(one) for one in get_args(Command)}
