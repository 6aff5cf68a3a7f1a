"""`softmax-tui doctor`: what works on this machine, what does not, and what to do about it."""

from __future__ import annotations

import argparse

from engine.contract.codec import encode_for_scripts
from tui.cli.arguments import Commands, OneLineParser, add_command, add_places, data_dir_of, store_of

_STYLES = {"ok": "green", "note": "yellow", "broken": "red"}


def add(commands: Commands[OneLineParser]) -> None:
    parser = add_command(
        commands,
        "doctor",
        "what works on this machine, what does not, and what to do",
        "Exits with 1 when something is broken that training needs.",
        json="a JSON object for each check",
    )
    add_places(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    from tui.cli.checks import Check, all_checks
    from tui.cli.page import Page, wrapped

    page = Page()
    found: list[Check] = []
    for check in all_checks(data_dir_of(options), store_of(options)):
        found.append(check)
        if options.json:
            print(encode_for_scripts(check), flush=True)
            continue
        page.raw(page.styled(f"{check.status:<7}", _STYLES[check.status]))
        first, *rest = wrapped(check.found, page.width - 20)
        page.line(f"{check.name:<12} {first}")
        for line in rest:
            page.line(f"{'':<20}{line}")
        for line in wrapped(check.advice, page.width - 23) if check.advice else ():
            page.line(f"{'':<20}-> {line}", "bold")
    broken = [check.name for check in found if check.status == "broken"]
    if not options.json:
        page.line()
        page.line(f"broken: {', '.join(broken)}" if broken else "everything that training needs works", "bold")
    return 1 if broken else 0
