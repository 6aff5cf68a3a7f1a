"""The same examples every time, so that what breaks was broken by the change at hand.

`HYPOTHESIS_PROFILE=explore` looks for new ones.
"""

from __future__ import annotations

import os

from hypothesis import settings

from tests.cli.calling import cli, places, process, real_data, tiny, trained  # noqa: F401 - fixtures of every folder

settings.register_profile("steady", derandomize=True, deadline=None)
settings.register_profile("explore", max_examples=2000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))
