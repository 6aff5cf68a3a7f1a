"""`python -m tests.forked.text PROGRAM`: what `python -c PROGRAM` does."""

import sys

if __name__ == "__main__":
    exec(sys.argv[1], {"__name__": "__main__"})
