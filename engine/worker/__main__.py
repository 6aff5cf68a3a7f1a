"""`python -m engine.worker`: the worker as a process."""

import sys

from engine.processes.broken_import import broken_import
from engine.worker.process import main

try:
    sys.exit(main())
except Exception as fault:
    if not (line := broken_import(fault)):
        raise
    sys.exit(line)
