"""What a worker says of itself once it can compute."""

from __future__ import annotations

import os
import platform
import socket

import torch

from engine import __version__
from engine.contract.engine_events import PROTOCOL, Ready
from engine.jobs.recorded_run import Places
from engine.ranks import rank_and_size
from engine.training.devices import available


def ready(places: Places) -> Ready:
    """The worker's side of the handshake."""
    return Ready(
        protocol=PROTOCOL,
        version=__version__,
        python=platform.python_version(),
        torch=str(torch.__version__),
        devices=available(),
        host=socket.gethostname(),
        pid=os.getpid(),
        store=str(places.store),
        data_dir=str(places.data_dir),
        ranks=rank_and_size(os.environ)[1],
    )
