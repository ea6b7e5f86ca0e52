"""The script that draws every Plotly figure, as it is shipped with the package, for files that stand alone."""

from __future__ import annotations

from plotly.offline import get_plotlyjs


def plotly_script() -> str:
    """All of plotly.js, about 4.6 MB. The package ships no smaller bundle."""
    return str(get_plotlyjs())
