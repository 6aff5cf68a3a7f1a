"""`softmax-tui doctor`: what works on this machine, what does not, and what to do about it."""

from __future__ import annotations

import argparse

from tui.cli.arguments import Commands, OneLineParser, add_command, add_places, data_dir_of, store_of
from tui.cli.json_lines import print_json


def add(commands: Commands[OneLineParser]) -> None:
    parser = add_command(
        commands,
        "doctor",
        "Exits with 1 when something is broken that training needs.",
        json="a JSON object for each check",
    )
    add_places(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    from tui.cli.checks import Check, all_checks
    from tui.cli.page import Page

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
