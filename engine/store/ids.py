"""Names for runs: the date and time and a word. Short, sortable, safe as a path, and easy to say aloud."""

from __future__ import annotations

import time

_BIRDS = """
auk crow dove duck eider finch gull hawk heron hoopoe ibis jay kite knot lark linnet loon magpie martin merlin owl pipit
plover quail raven robin rook ruff shrike siskin snipe sparrow stork swan swift tern thrush tit wagtail wren
"""
_WORDS = tuple(_BIRDS.split())


def new_id(now: float, attempt: int = 0) -> str:
    """An id for a run made at unix time `now`, in local time; another `attempt` gives another word, then a number.

    For example `"261120-231502-wren"`.
    """
    word = _WORDS[(int(now) * 7 + attempt) % len(_WORDS)]  # 7 and 40 share no factor: neighbours in time differ
    again = attempt // len(_WORDS)
    return f"{time.strftime('%y%m%d-%H%M%S', time.localtime(now))}-{word}{again + 1 if again else ''}"
