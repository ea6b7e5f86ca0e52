"""Pictures under the pointer, and clicks on points: a component that listens to a chart.

Plotly's hover boxes hold text only, and Streamlit hands over no click while a chart is in lasso mode. This runs in the
page, asks no server while the pointer moves, and gets no text from anybody: only numbers and a sheet of pictures (a
WebP file as a data address).
"""

from __future__ import annotations

import base64
from collections.abc import Callable

import streamlit as st

from engine.jobs.analyses import Result

SHOWN = 120
"""Side in pixels of the picture under the pointer."""

_JS = """
const held = (window.__plumagePeek ??= { now: null, box: null, sheet: "" })

function box() {
  if (held.box) return held.box
  held.box = document.createElement("div")
  held.box.className = "plumage-peek"
  Object.assign(held.box.style, {
    position: "fixed", display: "none", pointerEvents: "none", zIndex: 1000, borderRadius: "8px",
    border: "3px solid #E69F00", boxShadow: "0 4px 18px rgba(0,0,0,.35)", backgroundRepeat: "no-repeat",
    backgroundColor: "#8C877B" })
  document.body.append(held.box)
  return held.box
}

const hide = () => { box().style.display = "none" }
const indices = (event) => (event.points ?? []).map((point) => point.customdata).filter(Number.isInteger)

function show(event) {
  const data = held.now?.data, at = indices(event).find((index) => index >= 0)
  if (!data?.sheet || at === undefined) return hide()
  const side = data.side, gap = 18, mouse = event.event
  const left = mouse.clientX + gap + side > innerWidth ? mouse.clientX - gap - side : mouse.clientX + gap
  const top = Math.max(8, Math.min(mouse.clientY - side - gap, innerHeight - side - 8))
  Object.assign(box().style, { display: "block", left: left + "px", top: top + "px",
    backgroundPosition: `${-(at % data.columns) * side}px ${-Math.floor(at / data.columns) * side}px` })
}

function click(event) {
  const at = indices(event)[0]
  if (at !== undefined) held.now?.setTriggerValue("picked", at)
}

// the chart is a new element after every change of the figure, so it is looked for whenever the pointer moves
function listen(event) {
  const plot = event.target?.closest?.(`.st-key-${held.now?.data.chart}`)?.querySelector(".js-plotly-plot")
  if (!plot) return hide()
  if (plot.plumagePeek || !plot.on) return
  plot.plumagePeek = true
  plot.on("plotly_hover", show)
  plot.on("plotly_unhover", hide)
  plot.on("plotly_click", click)
}

export default function ({ data, setTriggerValue }) {
  held.now = { data, setTriggerValue }
  if (data.sheet && held.sheet !== data.id) {
    box().style.backgroundImage = `url(${data.sheet})`
    held.sheet = data.id
  }
  const side = data.side
  Object.assign(box().style, { width: side + "px", height: side + "px",
    backgroundSize: `${data.columns * side}px ${data.rows * side}px` })
  document.addEventListener("pointermove", listen, { passive: true })
  document.addEventListener("scroll", hide, { passive: true, capture: true })
  return () => {
    document.removeEventListener("pointermove", listen)
    document.removeEventListener("scroll", hide, { capture: true })
    held.now = null
    hide()
  }
}
"""

_peek = st.components.v2.component("plumage_peek", html="<span></span>", js=_JS)


def peek(chart: str, name: str, found: Result | None, on_pick: Callable[[int], None]) -> None:
    """Listen to a chart whose points' `customdata` is their place on the sheet, or below 0.

    Args:
        chart: the chart's key.
        name: of the sheet; another sheet needs another name.
        found: the result of the analysis `thumbnails`; without it there are clicks but no pictures.
        on_pick: called with the `customdata` of a point that was clicked, before the page is drawn again.
    """
    key = f"peek-{chart}"

    def picked() -> None:
        index = (st.session_state.get(key) or {}).get("picked")
        if index is not None:
            on_pick(int(index))

    data = {**_packed(found), "chart": chart, "id": name, "side": SHOWN}
    _peek(data=data, key=key, height="content", on_picked_change=picked)


def _packed(found: Result | None) -> dict[str, object]:
    if found is None:
        return {"sheet": "", "columns": 1, "rows": 1}
    columns = int(found["columns"])
    address = "data:image/webp;base64," + base64.b64encode(found["sheet"].tobytes()).decode()
    return {"sheet": address, "columns": columns, "rows": -(-len(found["rows"]) // columns)}
