"""`softmax-tui doctor`: what works on this machine, what does not, and what to do about it."""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

from msgspec import Struct

from engine import __version__
from engine.contract.answers import DamagedListed
from engine.contract.errors import InputError
from engine.processes.broken_import import broken_import, how_to_install
from engine.processes.logout import what_ends_it
from engine.processes.socket_folder import own_folder
from tui.cli.arguments import Commands, OneLineParser, add_command, add_places, data_dir_of, store_of
from tui.cli.json_lines import print_json
from tui.cli.page import Page, shows_unicode


def add(commands: Commands[OneLineParser]) -> None:
    ends = "Exit codes: 0, or 1 if something that training needs is broken."
    parser = add_command(commands, "doctor", run, ends, json="a JSON object for each check")
    add_places(parser)


def run(options: argparse.Namespace) -> int:
    page = Page()
    found: list[Check] = []
    for check in all_checks(data_dir_of(options), store_of(options)):
        found.append(check)
        if options.json:
            print_json(check)
            continue
        page.prose(check.found, before=f"{check.status:<7}{check.name:<12} ", style=check.status)
        if check.advice:
            page.prose(check.advice, before=f"{'':<20}-> ", style="bold")
    broken = [check.name for check in found if check.status == "broken"]
    if not options.json:
        page.line()
        page.line(f"broken: {', '.join(broken)}" if broken else "everything that training needs works", "bold")
    return 1 if broken else 0


_OLDEST_PYTHON = (3, 11)
_PATIENCE_SECONDS = 120
_PACKAGES = ("textual", "rich", "plotext", "numpy", "msgspec", "safetensors", "platformdirs", "icu4py")

# However the doctor ends: on Linux the kernel ends its child as well, elsewhere its stdin does.
_NOT_ALONE = """
from signal import SIGKILL
from engine.processes.parent import die_with_parent, end_with_stdin
die_with_parent(SIGKILL)
end_with_stdin()
"""
# Multiplies on each device: a driver that does not fit shows itself only then.
_TRY_TORCH = """
import torch
from engine.training.devices import available
for name in available():
    (torch.ones(2, 2, device=name) @ torch.ones(2, 2, device=name)).sum().item()
print(torch.__version__, torch.version.cuda or "-", *available())
"""
_SMALLER = (
    "torch finds no GPU. The CPU build takes a fifth of the disk space: uv pip install --reinstall "
    "--torch-backend cpu torch torchvision. From then on, start with uv run --no-sync softmax-tui"
)
_TRY_TORCHVISION = "import torchvision; print(torchvision.__version__)"


class Check(Struct, frozen=True, kw_only=True):
    """`status` is broken for what training needs, note for what merely is less than it could be."""

    name: str
    status: Literal["ok", "note", "broken"]
    found: str
    advice: str = ""


def all_checks(data_dir: Path, store: Path) -> Iterator[Check]:
    """One after the other, those that take seconds last."""
    yield Check(name="softmax-tui", status="ok", found=__version__)
    yield python_check()
    yield packages_check()
    yield terminal_check(os.environ)
    yield _unless_broken("store", store_check, store)
    yield _unless_broken("data", data_check, data_dir)
    yield background_check()
    yield torch_check()
    yield torchvision_check()


def _unless_broken(name: str, check: Callable[[Path], Check], folder: Path) -> Check:
    """The check, or the library that it cannot import."""
    try:
        return check(folder)
    except Exception as error:
        if not (line := broken_import(error)):
            raise
        found, _, advice = line.partition("; ")
        return Check(name=name, status="broken", found=found, advice=advice)


def python_check() -> Check:
    """Which Python runs this, and whether it is new enough."""
    found = f"{platform.python_version()} on {platform.system()} {platform.machine()}, {os.cpu_count()} CPUs"
    if sys.version_info < _OLDEST_PYTHON:
        return Check(name="Python", status="broken", found=found, advice="install Python 3.11 or newer")
    return Check(name="Python", status="ok", found=found)


def packages_check() -> Check:
    """Whether each package that is imported is there, and its version."""
    versions = {name: _version(name) for name in _PACKAGES}
    missing = [name for name, found in versions.items() if not found]
    if missing:
        advice = f"install them: {how_to_install(*missing)}"
        return Check(name="packages", status="broken", found=f"missing: {', '.join(missing)}", advice=advice)
    found = ", ".join(f"{name} {found}" for name, found in versions.items())
    return Check(name="packages", status="ok", found=found)


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def terminal_check(environ: Mapping[str, str]) -> Check:
    """Colours, characters and size of the terminal."""
    size = shutil.get_terminal_size()
    term = environ.get("TERM", "")
    unicode = shows_unicode(sys.stdout, environ)
    if environ.get("NO_COLOR"):
        colours = "no colours (NO_COLOR)"
    else:
        colours = "true colour" if environ.get("COLORTERM") in ("truecolor", "24bit") else "colours of TERM"
    encoding = sys.stdout.encoding if unicode else f"{sys.stdout.encoding}, ASCII only"
    found = f"{size.columns}×{size.lines}, TERM={term or 'unset'}, {colours}, {encoding}"
    advice = []
    if not sys.stdout.isatty():
        found = f"none: stdout is a file or a pipe; TERM={term or 'unset'}, {encoding}"
        return Check(name="terminal", status="note", found=found, advice="the app needs a terminal, commands do not")
    if term in ("", "dumb"):
        advice.append("the app needs a terminal that can move its cursor: set TERM")
    if not unicode:
        advice.append("pictures are drawn in ASCII: choose a UTF-8 locale, such as LANG=C.UTF-8")
    if size.columns < 80 or size.lines < 24:
        advice.append("the app needs a terminal of at least 80×24")
    return Check(name="terminal", status="note" if advice else "ok", found=found, advice="; ".join(advice))


def store_check(store: Path) -> Check:
    """Whether runs can be written and read."""
    problem = unwritable(store)
    if problem:
        advice = "name another folder with --store or SOFTMAX_TUI_STORE"
        return Check(name="store", status="broken", found=f"{store}: {problem}", advice=advice)
    if not store.exists():
        return Check(name="store", status="ok", found=f"{store}: does not exist yet, and can be created")
    from engine.store.runs import RunStore

    try:
        runs = RunStore.open(store, create=False).listed()
    except InputError as error:
        return Check(name="store", status="broken", found=str(error), advice="name another folder with --store")
    found = f"{store}: writable, {len(runs)} run{'s' if len(runs) != 1 else ''}"
    damaged = [run.run_id for run in runs if isinstance(run, DamagedListed)]
    if damaged:
        found += f", damaged: {', '.join(damaged)}"
        return Check(name="store", status="note", found=found, advice="softmax-tui runs list shows the damaged runs")
    return Check(name="store", status="ok", found=found)


def data_check(data_dir: Path) -> Check:
    """Which datasets are there, and whether others can be fetched to the folder."""
    from engine.data.load import available

    try:
        found = available(data_dir)
    except InputError as error:
        return Check(name="data", status="note", found=str(error), advice="name another folder with --data-dir")
    here = [one.entry.name for one in found if one.present and one.folder is not None]
    problem = unwritable(data_dir)
    if here:
        return Check(name="data", status="ok", found=f"{data_dir}: {', '.join(here)}")
    if problem:
        advice = "name another folder with --data-dir, or take --dataset silhouettes"
        return Check(name="data", status="note", found=f"{data_dir}: {problem}", advice=advice)
    advice = "softmax-tui datasets fetch fashion-mnist; without a network, silhouettes are drawn instead"
    return Check(name="data", status="note", found=f"{data_dir}: no dataset fetched yet", advice=advice)


def background_check() -> Check:
    """Whether a run can be left running: where its socket lies, and whether it outlives a logout."""
    try:
        folder = own_folder()
    except InputError as error:
        return Check(name="background", status="note", found=str(error), advice="without it, --detach does not work")
    if warning := what_ends_it():
        found, _, advice = warning.partition(". ")
        return Check(name="background", status="note", found=found, advice=advice)
    found = f"--detach leaves runs running; sockets in {folder}"
    return Check(name="background", status="ok", found=found)


def unwritable(folder: Path) -> str:
    """Why nothing can be written below a folder, which need not exist yet; "" where it can."""
    try:
        nearest = next(parent for parent in (folder, *folder.absolute().parents) if parent.exists())
        with tempfile.TemporaryFile(dir=nearest):
            return ""
    except OSError as error:
        return f"cannot be written: {error.strerror or error}"


def torch_check() -> Check:
    """Whether torch can be imported, which takes seconds, and which build it is."""
    said, problem = _tried(_TRY_TORCH)
    if problem:
        advice = f"install torch again: {how_to_install('torch', 'torchvision')}"
        return Check(name="torch", status="broken", found=problem, advice=advice)
    version, cuda, *devices = said.split()
    build = "built for the CPU only" if cuda == "-" else f"built for CUDA {cuda}"
    found = f"{version}, {build}, devices: {', '.join(devices)}"
    idle = cuda != "-" and devices == ["cpu"]
    return Check(name="torch", status="ok", found=found, advice=_SMALLER if idle else "")


def torchvision_check() -> Check:
    """Whether torchvision is there; without it nothing is downloaded."""
    said, problem = _tried(_TRY_TORCHVISION)
    if problem:
        advice = (
            f"only downloads need torchvision. Install both libraries: {how_to_install('torch', 'torchvision')}; "
            "or copy the files of a dataset to the data folder by hand"
        )
        return Check(name="torchvision", status="note", found=problem, advice=advice)
    return Check(name="torchvision", status="ok", found=said)


def _tried(program: str) -> tuple[str, str]:
    """What a program of its own printed, and what went wrong, in one line."""
    command = [sys.executable, "-P", "-c", _NOT_ALONE + program]
    stdin, held = os.pipe()
    try:
        done = subprocess.run(
            command,
            stdin=stdin,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_PATIENCE_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return "", f"no answer within {_PATIENCE_SECONDS} s"
    finally:
        os.close(stdin)
        os.close(held)
    if done.returncode == 0:
        return done.stdout.strip().splitlines()[-1], ""
    last = done.stderr.strip().splitlines()[-1:] or [f"ended with exit code {done.returncode} and no message"]
    return "", last[0]
