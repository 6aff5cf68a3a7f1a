"""A far end: a program that says what a test tells it through a Unix socket, and answers as the test has laid down.

`python -S peer.py SOCKET`. A line of the socket is JSON: `{"say": TEXT, "times": N}` is written to stdout,
`{"complain": TEXT}` to stderr, `{"answers": {TAG: REPLY}}` are
the replies to commands of each tag, `{"leave": CODE}` ends the program.
"""

import json
import os
import select
import socket
import sys


def main(path):
    told = socket.socket(socket.AF_UNIX)
    told.connect(path)
    answers, rests = {}, {told.fileno(): b"", 0: b""}
    while True:
        for ready in select.select(list(rests), [], [])[0]:
            block = os.read(ready, 2**16)
            if not block:
                return 0
            *lines, rests[ready] = (rests[ready] + block).split(b"\n")
            for line in lines:
                one = json.loads(line)
                if ready == 0:
                    answer(one, answers)
                elif "say" in one:
                    write(1, one["say"].encode("latin-1") * one.get("times", 1))
                elif "complain" in one:
                    write(2, one["complain"].encode("latin-1"))
                elif "leave" in one:
                    return one["leave"]
                answers.update(one.get("answers", {}))


def answer(command, answers):
    if not command.get("request"):
        return
    reply = answers.get(command["type"], {"type": "done"})
    if reply is None:  # nothing is said
        return
    reply = dict(reply)
    if (
        command["type"] == "trace_softmax"
        and "trace" in reply
        and widths_of(command["rows"]) != widths_of(reply["trace"]["typed"])
    ):
        reply = {"type": "failed", "message": "no trace of so many logits is laid down"}
    if command["type"] == "show_decision" and command["positive"] not in (None, positive_of(reply)):
        reply = {"type": "failed", "message": "no decision about that class is laid down"}
    if command["type"] == "show_mistakes" and "mistakes" in reply:
        reply["offset"] = command["offset"]
        rest = max(0, reply["matching"] - command["offset"])
        reply["mistakes"] = reply["mistakes"][: min(command["limit"], rest)]
    if command["type"] == "show_images" and reply.get("images"):
        first = reply["images"][0]
        reply["images"] = [{**first, "index": index} for index in command["indices"]]
    if command["type"] == "show_example" and "example" in reply:
        reply["example"] = {**reply["example"], "index": command["index"]}
    write(1, json.dumps({**reply, "request": command["request"]}).encode() + b"\n")


def widths_of(rows):
    return [len(row) for row in rows]


def positive_of(reply):
    return reply["decision"]["threshold"]["positive"] if "decision" in reply else None


def write(descriptor, data):
    while data:
        data = data[os.write(descriptor, data) :]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
