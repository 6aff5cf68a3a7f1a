"""`--mine FILE.py` on the command line: traced, measured and trained with, and the files that cannot be."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from safetensors.torch import load

from engine.labs.yours.offered import Yours

GOOD = """import torch

def softmax(logits):
    print("a line of the user's")
    exponentials = torch.exp(logits - logits.max(1, keepdim=True).values)
    return exponentials / exponentials.sum(1, keepdim=True)

def cross_entropy(y_hat, y):
    print("and another")
    return -torch.log(y_hat[list(range(len(y_hat))), y]).mean()
"""
GLOBAL_MAX = "def softmax(x):\n    e = (x - x.max()).exp()\n    return e / e.sum(1, keepdim=True)\n"
NO_MINUS = "def cross_entropy(p, y):\n    return p[range(len(y)), y].log()\n"
IN_PLACE = """import torch

def softmax(logits):
    e = torch.exp(logits - logits.max(1, keepdim=True).values)
    e /= e.sum(1, keepdim=True)
    return e
"""
NUMPY = """import numpy as np

def softmax(x):
    e = np.exp(x - np.max(x, axis=1, keepdims=True))
    return e / np.sum(e, axis=1, keepdims=True)
"""
COLUMN = """import torch

def cross_entropy(probabilities, labels):
    return -torch.log(probabilities.gather(1, labels.view(-1, 1)))
"""
ENDLESS = "def cross_entropy(p, y):\n    while True:\n        pass\n"

Mine = Callable[[str], str]


@pytest.fixture
def mine(tmp_path: Path) -> Mine:
    def written(source: str) -> str:
        path = tmp_path / "mine.py"
        path.write_text(source)
        return str(path)

    return written


@pytest.fixture
def train(cli, tiny: Path) -> Callable[..., object]:
    return lambda *options: cli("train", "--dataset", str(tiny), "--batch-size", "32", *options)


def test_softmax_shows_yours_beside_the_others_and_says_what_it_is(cli, mine: Mine) -> None:
    arguments = ("softmax", "50", "51", "--row", "-150", "-151", "--mine", mine(GLOBAL_MAX))
    said = cli(*arguments, "--json")
    assert said.code == 0, said.err
    found = said.lines[0]["implementations"]
    assert list(found) == ["naive", "global-max", "row-max", "log-sum-exp", "yours"]
    assert found["yours"]["probabilities"] == found["global-max"]["probabilities"]
    assert found["yours"]["verdict"].startswith("subtracts the maximum of the whole batch")
    assert "verdict" not in found["naive"]
    people = cli(*arguments).out
    assert "yours, row 2: sum nan" in people
    assert "yours, judged: subtracts the maximum of the whole batch" in people


def test_losses_has_a_line_for_yours_and_says_what_is_wrong_with_it(cli, mine: Mine) -> None:
    said = cli("losses", "--batch-size", "16", "--mine", mine(NO_MINUS), "--json")
    assert said.code == 0, said.err
    lines = {line["loss"]: line for line in said.lines}
    assert list(lines)[-1] == "yours"
    assert lines["yours"]["value"] == -lines["indexing"]["value"]
    assert "cross_entropy of yours: the minus is missing" in said.err


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A function that hangs is given up after 2 s instead of 10."""
    monkeypatch.setattr(Yours.__init__, "__defaults__", (2.0,))


@pytest.mark.usefixtures("impatient")
def test_a_loss_that_hangs_is_left_out_with_a_line(cli, mine: Mine) -> None:
    said = cli("losses", "--batch-size", "16", "--mine", mine(ENDLESS), "--json")
    assert said.code == 0
    assert "yours" not in [line["loss"] for line in said.lines]
    assert "not measured, it took longer than 2 s" in said.err


@pytest.mark.parametrize(
    ("source", "why"),
    [
        (
            IN_PLACE,
            "the division in place (/=) in line 5 overwrites the result of exp; use a = a / b",
        ),
        (NUMPY, "numpy's operations have none, and training needs torch's all the way"),
    ],
)
def test_a_softmax_without_a_gradient_is_right_in_value_and_cannot_train(
    cli, train, mine: Mine, source: str, why: str
) -> None:
    verdict = f"the values are right; no gradient flows through it: {why}"
    traced = cli("softmax", "100", "1", "2", "--mine", mine(source), "--json")
    assert (traced.code, traced.err) == (0, "")
    found = traced.lines[0]["implementations"]
    assert found["yours"]["verdict"].startswith(verdict)
    assert found["yours"]["probabilities"] == found["row-max"]["probabilities"]
    assert found["yours"]["finite"]
    measured = cli("losses", "--mine", mine(source), "--json")
    trained = train("--epochs", "1", "--mine", mine(source), "--json")
    for said, begins in (
        (
            measured,
            "softmax-tui: --mine: found no cross_entropy(probabilities, labels) in the file, expected this function; ",
        ),
        (trained, "softmax-tui: softmax: found a function of yours that cannot train: "),
    ):
        assert (said.code, said.out, said.err.count("\n")) == (2, "", 1)
        assert said.err.startswith(begins)
        assert verdict in said.err


def test_a_loss_of_shape_batch_by_one_is_taken_as_one_each_and_that_is_said(cli, train, mine: Mine) -> None:
    taken = "it returns shape (batch, 1), which is taken as (batch,)"
    measured = cli("losses", "--batch-size", "16", "--mine", mine(COLUMN), "--json")
    assert (measured.code, measured.err) == (0, f"softmax-tui: cross_entropy of yours: {taken}\n")
    lines = {line["loss"]: line for line in measured.lines}
    assert lines["yours"]["value"] == lines["indexing"]["value"]
    assert lines["yours"]["gradient_error"] == lines["indexing"]["gradient_error"]
    trained = train("--epochs", "1", "--mine", mine(COLUMN), "--json")
    assert trained.code == 0
    assert f"loss of yours: {taken}" in trained.err
    book = train("--epochs", "1", "--loss", "indexing", "--gradient", "autograd", "--json")
    assert trained.lines[1]["train_loss"] == pytest.approx(book.lines[1]["train_loss"], rel=1e-6)
    traced = cli("softmax", "100", "1", "2", "--mine", mine(COLUMN))
    assert (traced.code, traced.out, traced.err.count("\n")) == (2, "", 1)
    assert (
        "found no softmax(logits) in the file, expected this function; its cross_entropy: right: within" in traced.err
    )
    assert taken in traced.err


def test_mine_alone_trains_with_whatever_the_file_has(train, mine: Mine) -> None:
    both = train("--epochs", "1", "--mine", mine(GOOD), "--json")
    assert both.code == 0, both.err
    config = both.lines[0]["config"]
    assert (config["softmax"], config["loss"], config["gradient"]) == ("yours", "yours", "autograd")
    assert config["mine"].startswith("sha256:")
    assert [line["type"] for line in both.lines] == ["started", "epoch", "finished"]  # no print of the user's
    only = train("--epochs", "1", "--mine", mine(GLOBAL_MAX), "--json")
    config = only.lines[0]["config"]
    assert (config["softmax"], config["loss"]) == ("yours", "indexing")
    assert "softmax of yours: subtracts the maximum of the whole batch" in only.err
    loss = train("--epochs", "1", "--mine", mine(GOOD), "--softmax", "naive", "--json")
    assert (loss.lines[0]["config"]["softmax"], loss.lines[0]["config"]["loss"]) == ("naive", "yours")


def test_right_ones_learn_what_the_engines_own_learn_by_autograd(train, mine: Mine) -> None:
    own = train("--epochs", "2", "--mine", mine(GOOD), "--json").lines
    book = train("--epochs", "2", "--loss", "indexing", "--gradient", "autograd", "--json").lines
    for one, other in zip(own[1:3], book[1:3], strict=True):
        assert one["validation_loss"] == pytest.approx(other["validation_loss"], rel=1e-5)
        assert one["train_loss"] == pytest.approx(other["train_loss"], rel=1e-5)


def test_a_wrong_one_may_train_and_does_not_learn(train, mine: Mine) -> None:
    said = train("--epochs", "2", "--learning-rate", "0.01", "--mine", mine(NO_MINUS), "--json")
    assert "loss of yours: the minus is missing" in said.err
    *_, last, _ = said.lines
    assert last["validation_accuracy"] < 0.34


def test_a_run_with_yours_resumes_to_the_same_bits_without_the_file(cli, train, mine: Mine, tmp_path: Path) -> None:
    whole = train("--epochs", "4", "--mine", mine(GOOD), "--json").lines
    part = train("--epochs", "2", "--mine", mine(GOOD), "--json").lines
    Path(mine(GOOD)).unlink()
    said = cli("train", "--resume", part[0]["run_id"], "--epochs", "4", "--json")
    assert said.code == 0, said.err
    resumed = said.lines
    assert resumed[-2]["validation_loss"] == whole[-2]["validation_loss"]
    files = []
    for run_id in (whole[0]["run_id"], resumed[0]["run_id"]):
        path = tmp_path / f"{run_id}.safetensors"
        assert cli("runs", "export", run_id, "--format", "safetensors", "--output", str(path)).code == 0
        files.append(load(path.read_bytes()))
    assert files[0]["weight"].equal(files[1]["weight"])
    assert files[0]["bias"].equal(files[1]["bias"])


def test_the_store_has_the_text_and_lists_do_not_show_it(cli, train, mine: Mine) -> None:
    run_id = train("--epochs", "1", "--mine", mine(GOOD), "--json").lines[0]["run_id"]
    for command in (("runs", "list"), ("runs", "list", "--json"), ("runs", "show"), ("runs", "show", "--json")):
        said = cli(*command)
        assert said.code == 0, said.err
        assert "def softmax" not in said.out
    assert json.loads(cli("runs", "export", run_id, "--format", "json").out)["config"]["mine"] == GOOD
    assert cli("mistakes", "--json").code == 0


def test_looking_at_a_stored_run_runs_nothing_of_the_users(cli, train, mine: Mine, tmp_path: Path) -> None:
    trace = tmp_path / "ran"
    source = f"open({str(trace)!r}, 'a').write('x')\n{GOOD}"
    assert train("--epochs", "1", "--mine", mine(source), "--json").code == 0
    trace.unlink()
    for command in (("mistakes",), ("confusion",), ("decide",), ("runs", "show")):
        assert cli(*command).code == 0, command
    assert not trace.exists()


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    ("options", "source", "expected"),
    [
        ((), ENDLESS, "found a function of yours that cannot train: it took longer than 2 s"),
        ((), "def softmax(x):\n    return x.nothing\n", "AttributeError in line 2"),
        (("--softmax", "yours"), NO_MINUS, "the file has no such function"),
        (("--softmax", "row-max"), GLOBAL_MAX, "expected --softmax yours or --loss yours"),
        (("--loss", "from-logits"), GLOBAL_MAX, "from-logits with the yours softmax"),
        (("--gradient", "closed-form"), GLOBAL_MAX, "expected autograd"),
        (("--label-smoothing", "0.1"), NO_MINUS, "label smoothing"),
        ((), "x = (", "a syntax error in line 1"),
    ],
)
def test_what_cannot_train_is_refused_before_it_starts(
    cli, train, mine: Mine, options: tuple[str, ...], source: str, expected: str
) -> None:
    said = train("--mine", mine(source), *options, "--json")
    assert said.code == 2
    assert expected in said.err
    assert said.err.count("\n") == 1
    assert said.out == ""
    assert cli("runs", "list", "--json").out == ""


def test_yours_without_a_file_is_refused(cli, train) -> None:
    swept = cli("sweep", "learning-rate", "0.1", "--dataset", "silhouettes", "--loss", "yours")
    assert (swept.code, swept.out) == (2, "")
    assert "loss: found yours in a sweep, expected another implementation" in swept.err
    for option in ("--softmax", "--loss"):
        said = train(option, "yours")
        assert said.code == 2
        assert "expected --mine FILE.py" in said.err


@pytest.mark.parametrize("command", [("softmax", "1", "2"), ("losses",), ("train",), ()])
def test_a_bad_file_is_one_line(cli, command: tuple[str, ...], tmp_path: Path) -> None:
    bad = {"latin.py": b"# \xe9\n", "empty.py": b" \n", "large.py": b"#" * 1_000_001}
    for name, content in bad.items():
        (tmp_path / name).write_bytes(content)
    words = {
        "missing.py": "no such file",
        ".": "found the folder",
        "latin.py": "not UTF-8",
        "empty.py": "empty",
        "large.py": "more than 1,000,000 bytes",
    }
    for name, expected in words.items():
        said = cli(*command, "--mine", str(tmp_path / name))
        assert said.code == 2
        assert expected in said.err
        assert "expected a Python file" in said.err
        assert said.err.count("\n") == 1
    assert "expected a Python file" in cli(*command, "--mine", "/dev/zero").err


def test_losses_train_has_a_run_for_yours(cli, tiny: Path, mine: Mine) -> None:
    said = cli(
        "losses",
        "--batch-size",
        "16",
        "--mine",
        mine(GOOD),
        "--train",
        "--dataset",
        str(tiny),
        "--epochs",
        "1",
        "--json",
    )
    assert said.code == 0, said.err
    trained = {line["loss"]: line for line in said.lines if line["type"] == "trained"}
    assert trained["yours"]["status"] == "finished"
    assert trained["yours"]["validation_loss"] == pytest.approx(trained["indexing"]["validation_loss"], rel=1e-5)


def test_the_figures_of_a_summed_loss_are_explained_where_they_stand(cli, tiny: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine.py"
    loss = "def cross_entropy(p, y):\n    return -p[range(len(y)), y].log().{}()\n"
    common = ("--dataset", str(tiny), "--epochs", "1", "--learning-rate", "0.001")
    explained = "These losses are what your cross_entropy returns: the sum over the images, not their mean"
    for reduction in ("sum", "mean"):
        mine.write_text(loss.format(reduction))
        said = cli("train", "--mine", str(mine), *common)
        assert said.code == 0, said.err
        assert (explained in " ".join(said.out.split())) == (reduction == "sum")
