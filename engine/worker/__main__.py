"""`python -m engine.worker`: the worker as a process."""

from engine.processes.broken_import import exit_with
from engine.worker.process import main

exit_with(main)
