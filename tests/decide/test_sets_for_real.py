"""Sets of labels of a run that was trained, beside those that MAPIE makes of it."""

from __future__ import annotations

from typing import Any, get_args

import numpy as np
import pytest

from engine.analysis.conformal import parts
from engine.contract.conformal import SetMethod
from tests.analysis.test_conformal import by_mapie


def test_of_a_trained_run_the_sets_hold_what_they_promise_and_are_those_of_mapie(cli: Any) -> None:
    sizes = ("--train-size", "2000", "--validation-size", "2000")
    trained = cli("train", "--dataset", "silhouettes", *sizes, "--epochs", "1", "--json")
    assert trained.code == 0, trained.err
    run = str(trained.lines[0]["run_id"])
    evidence = _judged(run)
    labels = evidence.labels[parts(len(evidence.labels))[1]]
    for method in get_args(SetMethod):
        (found,) = cli("decide", run, "--sets", method, "--json").lines
        sets = found["views"]["sets"]
        assert (sets["calibrated"], sets["judged"]) == (1000, 1000)
        assert abs(sets["coverage"] - 0.9) < 4 * (0.09 / 1000 + 0.09 / 1000) ** 0.5
        if method != "class-conditional":  # MAPIE is asked for each class then: of smaller files
            wanted = by_mapie(evidence, method, 0.9)
            assert sets["covered"] == wanted[np.arange(1000), labels].sum()
            assert sets["mean_size"] == pytest.approx(wanted.sum(1).mean())
        below = [one["luck"] for one in sets["classes"]].count("below")
        assert below == 0 if method == "class-conditional" else below > 0  # shirts and pullovers


def _judged(run: str) -> Any:
    """What the run says of the validation images, as the command itself computes it."""
    import os
    from pathlib import Path

    from engine.jobs.judged_model import judged
    from engine.jobs.recorded_run import Places, Session
    from tui.cli.following import loaded

    session = Session(Places(Path(os.environ["SOFTMAX_TUI_DATA_DIR"]), Path(os.environ["SOFTMAX_TUI_STORE"])))
    return loaded(judged(session, run, part="validation")).evidence
