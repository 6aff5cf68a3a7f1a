"""Independent random streams, named by words instead of being drawn from one another."""

import hashlib

import numpy as np


def stream(*words: object) -> np.random.Generator:
    """A generator that depends on `words` alone, such as `stream(seed, "label-noise")`.

    The words are hashed, so that neighbouring seeds give unrelated streams (`seed + 1` would not). The words
    may not contain a newline, which separates them.
    """
    digest = hashlib.blake2b("\n".join(map(str, words)).encode(), digest_size=16).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest, "little")))
