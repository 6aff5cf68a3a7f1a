"""Under the charts: the figures, what is to be seen in a sentence, what to try next, and how far the run is."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical

from engine.contract.run_state import RunState
from engine.verdicts.run_sentence import sentence
from tui.drawing.plain import plain
from tui.drawing.prose import wrapped
from tui.pane.heard import silence_of
from tui.train.control import RunControl
from tui.train.lines import figures_line, progress_line
from tui.train.settings_form import TrainForm
from tui.train.speed import Speed
from tui.train.suggestion import next_to_try
from tui.widgets.text_lines import TextLines


class Footer(Vertical):
    """Three groups of lines; a click on the last starts or holds the run."""

    def __init__(self) -> None:
        super().__init__()
        self._figures = TextLines(id="figures")
        self._sentence = TextLines(id="sentence")
        self._progress = TextLines(id="progress")

    def compose(self) -> ComposeResult:
        yield self._figures
        yield self._sentence
        yield self._progress

    def draw(self, control: RunControl, form: TrainForm, refusal: str) -> None:
        """`form` is what the next run begins with; `refusal`, where there is one, takes the place of what to try."""
        run, phase = control.run, control.phase
        width = self.size.width or self.app.size.width
        self._figures.show([figures_line(run, width)])
        following = f"! {plain(refusal)}"
        if not refusal:
            held, text = phase == "paused", form.form_text
            following = next_to_try(run, held, text.texts, control.pace.words, text.edits, form.typing)
        said = sentence(run)
        first = wrapped(said, width) if said else []
        self._sentence.show([*first, *wrapped(following, width, "wrong" if refusal else "accent")])
        self._progress.show(
            [
                progress_line(
                    run,
                    phase,
                    width,
                    pace=control.pace.words,
                    images_per_second=control.speed.images_per_second,
                    seconds_left=_seconds_left(run, control.speed),
                    progress=control.progress,
                    waiting_for=control.warming,
                    silence=silence_of(self),
                )
            ]
        )


def _seconds_left(run: RunState, speed: Speed) -> float | None:
    rate = speed.minibatches_per_second
    return (run.minibatches - run.position) / rate if rate else None
