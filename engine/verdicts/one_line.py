"""Text from outside (paths, names in a file, an error of another process) made safe to print."""


def one_line(text: object, limit: int = 300) -> str:
    """`str(text)` on one line: control characters and surrogates escaped, cut after `limit` characters."""
    whole = str(text)
    shown = "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode("ascii")
        for character in whole[:limit]
    )
    return shown if len(whole) <= limit else shown + "…"
