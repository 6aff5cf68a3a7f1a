"""The panes behind their keys, and the commands of every pane."""

from __future__ import annotations

import os

from textual.app import App
from textual.reactive import reactive

from engine.contract.errors import InputError
from tui.app.clipboard import BY_TERMINAL, in_tmux, to_tmux
from tui.app.command_palette import Palette
from tui.app.follow import follow
from tui.app.key_bar import KeyBar
from tui.app.notice_bar import NoticeBar
from tui.app.panes import Panes
from tui.app.status_line import StatusLine
from tui.app.tab_bar import TabBar
from tui.drawing.plain import plain
from tui.pane.base import Pane, RunWanted
from tui.pane.commands import EVERYWHERE
from tui.pane.confirm import Confirm
from tui.pane.live_run import LiveRun
from tui.pane.one_job import leave
from tui.pane.tour import Tour


class PanesApp(App[None]):
    """One pane is in front. What the session has seen of the exercises is kept in `tour`."""

    active_pane: reactive[str] = reactive("")

    def __init__(self) -> None:
        super().__init__()
        self.live, self.tour = LiveRun(), Tour()

    # The panes

    async def action_show_pane(self, pane_id: str) -> None:
        """Brings a pane to the front."""
        pane = await self.query_one(Panes).bring(pane_id)
        if pane is not None:
            self.active_pane = pane_id
            pane.focus()
            pane.shown()

    async def on_run_wanted(self, message: RunWanted) -> None:
        """A pane has found a run that another one can show."""
        await self.action_show_pane(message.pane_id)
        self.pane.look_at(message.run_id)

    def watch_active_pane(self, pane_id: str) -> None:
        if pane_id:
            self.query_one(TabBar).active = pane_id
            self.query_one(StatusLine).pane = pane_id
            self.query_one(KeyBar).active = pane_id

    @property
    def pane(self) -> Pane:
        """The one in front."""
        return self.query_one(f"#panes > #{self.active_pane}", Pane)

    async def action_in_pane(self, action: str) -> None:
        """Runs an action of the pane in front, for a click on its key."""
        await self.run_action(action, self.pane)

    async def action_follow(self) -> None:
        """Does what the hint in front says."""
        if (offer := self.pane.offer) is None:
            self.notify("No line begins with Next here. ? shows every key of this pane.", markup=False)
        else:
            await follow(offer, self.pane, self._act)

    async def _act(self, where: str, action: str) -> None:
        if where == EVERYWHERE:
            await self.run_action(action)
        else:
            await self.run_action(action, self.query_one(f"#panes > #{where}", Pane))

    def on_descendant_focus(self) -> None:
        self._show_who_types()

    def on_descendant_blur(self) -> None:
        self._show_who_types()

    def _show_who_types(self) -> None:
        """What is typed into owns the digits: the bars say so. A form that is merely open leaves them alone."""
        if not self.screen_stack:
            return  # the app is leaving
        focused = self.screen_stack[0].focused  # also while another screen lies over the panes
        typing = str(getattr(focused, "typing_hint", ""))
        self.query_one(TabBar).in_field = bool(typing)
        bar = self.query_one(KeyBar)
        bar.typing, bar.hint = typing, str(getattr(focused, "keys_hint", ""))
        bar.taken = getattr(focused, "keys_taken", frozenset())

    # Commands of every pane

    def action_help(self) -> None:
        from tui.app.keys import Keys

        self.push_screen(Keys(self.active_pane, self.focused), self._to_words)

    def _to_words(self, wanted: bool | None) -> None:
        if wanted:
            self.action_words()

    def action_words(self) -> None:
        from tui.app.word_list import WordList

        if not isinstance(self.screen, WordList):
            self.push_screen(WordList(self.active_pane), self._to_keys)

    def _to_keys(self, wanted: bool | None) -> None:
        if wanted:
            self.action_help()

    def action_command_palette(self) -> None:
        if not isinstance(self.screen, Palette):
            self.push_screen(Palette())

    def action_exercises(self) -> None:
        from tui.app.exercises import ExercisesPage

        if not isinstance(self.screen, ExercisesPage):
            self.push_screen(ExercisesPage(self.tour), self._go_to_answer)

    async def _go_to_answer(self, pane_id: str | None) -> None:
        if pane_id:
            await self.action_show_pane(pane_id)

    def on_answers_seen(self) -> None:
        from tui.app.exercises import ExercisesPage

        if isinstance(self.screen, ExercisesPage):
            self.screen.draw()

    def action_show_notice(self) -> None:
        self.query_one(NoticeBar).show_whole()

    def action_dismiss_notice(self) -> None:
        self.query_one(NoticeBar).dismiss()

    async def action_copy_command(self) -> None:
        from tui.app.copied import CopiedCommand

        try:
            command = self.pane.headless_command()
        except InputError as error:  # of a form that stands for no command
            self.notify(plain(str(error)), title="Not copied", severity="error", markup=False)
            return
        if not isinstance(self.screen, CopiedCommand):
            await self.push_screen(CopiedCommand(command))
        self.copy_to_clipboard(command)

    def copy_to_clipboard(self, text: str) -> None:
        """Where the text can be pasted: of the command, and of what is selected with the mouse."""
        if in_tmux(os.environ):
            self._clipboard = text  # for ctrl+v in a field; Textual has no other way to it
            self.run_worker(self._copy_in_tmux(text), group="clipboard")
        else:
            super().copy_to_clipboard(text)
            self._tell_of_copy(BY_TERMINAL)

    async def _copy_in_tmux(self, text: str) -> None:
        self._tell_of_copy(await to_tmux(text))

    def _tell_of_copy(self, said: str) -> None:
        from tui.app.copied import CopiedCommand

        for screen in self.screen_stack:
            if isinstance(screen, CopiedCommand):
                screen.tell(said)

    async def action_quit(self) -> None:
        """Asks once while something is going on."""
        if isinstance(self.screen, Confirm):
            self.exit()
        else:
            leave(self, self.live)
