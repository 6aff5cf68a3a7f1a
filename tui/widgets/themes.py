"""Three looks: dark, light, and one that tells nothing by colour."""

from textual.theme import Theme

from tui.drawing.palette import DARK, LIGHT, MONO, Palette

THEMES = (
    Theme(
        name="softmax-dark",
        primary="#5fafff",
        secondary="#ffd75f",
        accent="#ff875f",
        warning="#ffd75f",
        error="#ff5f5f",
        success="#87d787",
        foreground="#dadada",
        background="#101418",
        surface="#161b21",
        panel="#1f262e",
        dark=True,
    ),
    Theme(
        name="softmax-light",
        primary="#005faf",
        secondary="#875f00",
        accent="#af3a00",
        warning="#875f00",
        error="#af0000",
        success="#006f2f",
        foreground="#1c1c1c",
        background="#fbfaf7",
        surface="#f2f0eb",
        panel="#e6e3dc",
        dark=False,
    ),
    Theme(
        name="softmax-mono",
        primary="#d0d0d0",
        secondary="#d0d0d0",
        accent="#ffffff",
        warning="#ffffff",
        error="#ffffff",
        success="#ffffff",
        foreground="#d0d0d0",
        background="#000000",
        surface="#0a0a0a",
        panel="#262626",
        dark=True,
    ),
)
# What charts and pictures draw with.
PALETTES: dict[str, Palette] = {"softmax-dark": DARK, "softmax-light": LIGHT, "softmax-mono": MONO}


_PREFIX = "softmax-"


def theme_name(short: str) -> str:
    """The theme that people call dark, light or mono; dark for auto."""
    return f"{_PREFIX}{'dark' if short == 'auto' else short}"


def short_name(name: str) -> str:
    """What people call a theme."""
    return name.removeprefix(_PREFIX)


def palette_of(name: str) -> Palette:
    """The palette of a theme; one of Textual's own is drawn in as dark."""
    return PALETTES.get(name, DARK)


def after(name: str) -> str:
    """The theme that follows one in the circle."""
    names = [theme.name for theme in THEMES]
    return names[(names.index(name) + 1) % len(names)] if name in names else names[0]
