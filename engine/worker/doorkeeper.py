"""Lets viewers in at a worker's socket, each with a thread that reads what it says."""

from __future__ import annotations

import socket
import threading
import time
from typing import Protocol

from engine.contract.codec import decode_command, encode
from engine.contract.commands import Command
from engine.contract.engine_events import Failed
from engine.contract.errors import InputError
from engine.processes.faults import explain
from engine.processes.socket_folder import expect_same_user
from engine.worker.command_lines import lines
from engine.worker.viewer import Viewer

LONGEST_COMMAND = 2**22  # bytes; the text of a user's functions is the longest part of one
_REST_SECONDS = 0.1  # where no more files can be opened
_FIRST_WORD_SECONDS = 5.0


class House(Protocol):
    """Who the viewers come to."""

    def admit(self, connection: socket.socket) -> Viewer:
        """Raises InputError where there is no room."""
        ...

    def said(self, viewer: Viewer, command: Command) -> bool:
        """Whether the viewer stays. Raises InputError where it may not."""
        ...

    def forget(self, viewer: Viewer) -> None:
        """It has gone."""
        ...


def open_door(server: socket.socket, house: House) -> None:
    """From here on whoever connects is let in, until the socket is closed."""
    threading.Thread(target=_accept, args=(server, house), name="doorkeeper", daemon=True).start()


def _accept(server: socket.socket, house: House) -> None:
    while server.fileno() >= 0:
        try:
            connection, _ = server.accept()
        except OSError:
            time.sleep(_REST_SECONDS)
            continue
        threading.Thread(target=_serve, args=(connection, house), name="viewer", daemon=True).start()


def _serve(connection: socket.socket, house: House) -> None:
    """One viewer, to its end. What is wrong with it ends this connection alone."""
    try:
        expect_same_user(connection)
        viewer = house.admit(connection)
    except InputError as error:
        _turn_away(connection, error)
        return
    try:
        for line in lines(connection.fileno(), LONGEST_COMMAND):
            if not house.said(viewer, decode_command(line)):
                break
    except InputError as error:
        viewer.refuse(0, str(error))
    except OSError:  # the connection was cut
        pass
    except Exception as error:  # noqa: BLE001 - a fault that one viewer has found is none of the work's: the log says it
        explain(error)
    finally:
        house.forget(viewer)
        viewer.close()


def _turn_away(connection: socket.socket, error: InputError) -> None:
    """Says why. What it says first is awaited: where the connection is closed before, it reads an error."""
    with connection:
        try:
            connection.sendall(encode(Failed(0, str(error))))
            connection.settimeout(_FIRST_WORD_SECONDS)
            connection.recv(LONGEST_COMMAND)
        except OSError:  # it has gone already, or says nothing
            return
