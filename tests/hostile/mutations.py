"""What damages files: each takes their bytes and gives others."""

from __future__ import annotations

import random
from collections.abc import Callable

Mutation = Callable[[bytes, random.Random], bytes]


def flip(data: bytes, draw: random.Random) -> bytes:
    at = draw.randrange(len(data))
    return data[:at] + bytes([data[at] ^ (1 << draw.randrange(8))]) + data[at + 1 :]


def flip_many(data: bytes, draw: random.Random) -> bytes:
    for _ in range(20):
        data = flip(data, draw)
    return data


def cut(data: bytes, draw: random.Random) -> bytes:
    return data[: draw.randrange(len(data))]


def blank(data: bytes, draw: random.Random) -> bytes:
    at = draw.randrange(len(data))
    return data[:at] + bytes(min(512, len(data) - at)) + data[at + 512 :]


def exchange(data: bytes, draw: random.Random) -> bytes:
    """Two pages of the file in each other's place."""
    page = 512
    one, other = (draw.randrange(max(1, len(data) // page)) * page for _ in range(2))
    one, other = min(one, other), max(one, other)
    if one == other:
        return data
    first, second = data[one : one + page], data[other : other + page]
    return data[:one] + second + data[one + page : other] + first + data[other + page :]


MUTATIONS: tuple[Mutation, ...] = (flip, flip_many, cut, blank, exchange)
