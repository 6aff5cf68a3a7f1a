"""A terminal's driver that asks, behind what it writes, whether the terminal has come that far."""

from __future__ import annotations

import sys

from textual import events
from textual.driver import Driver
from textual.message import Message

from tui.pane.terminal_line import TerminalLine

_PATIENCE = 3.0  # seconds on leaving: an answer that comes later is typed into the shell


def asking(driver: type[Driver], line: TerminalLine) -> type[Driver]:
    """The driver with its output squeezed and counted on a line; another system's as it is."""
    if sys.platform == "win32":
        return driver
    from textual.drivers.linux_driver import LinuxDriver

    class Asking(LinuxDriver):
        """As the driver of Linux and macOS."""

        _leaving = False

        def start_application_mode(self) -> None:
            super().start_application_mode()  # type: ignore[no-untyped-call]
            if self._key_thread is not None and self._key_thread.is_alive():  # not in the background
                self._leaving = False
                line.forget()
                super().write(line.wrote(0, ask=True))  # alone: its answer takes only the way there and back

        def write(self, data: str) -> None:
            if self._writer_thread is not None and not self._writer_thread.is_alive():
                return  # a terminal that was hung up ended it: nobody takes what is queued, and a full queue blocks
            data = line.squeezed(data)
            question = "" if self._leaving else line.wrote(len(data.encode(errors="replace")))
            if data or question:
                super().write(data + question)

        def process_message(self, message: Message) -> None:
            """In the thread that reads; the answer is nobody else's."""
            if not isinstance(message, events.CursorPosition):
                super().process_message(message)
            else:
                line.hear()

        def disable_input(self) -> None:
            self._leaving = True
            line.settle(_PATIENCE)
            super().disable_input()

    return Asking if driver is LinuxDriver else driver
