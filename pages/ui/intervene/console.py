"""One row a concept: its score on the range that was observed, a handle to move it, and one-click answers.

A component of our own: Streamlit's slider cannot show where a score usually lies, and five widgets a row would be sixty
on the page. Texts go in as text, never as HTML.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import streamlit as st

_CSS = """
.rows { display: grid; gap: 2px; font-family: var(--st-font); color: var(--st-text-color); }
.row { display: grid; grid-template-columns: minmax(9.5em, 1fr) minmax(9em, 1.3fr) 3.6em auto; gap: 4px 12px;
  align-items: center; padding: 4px 6px; border-radius: 8px; }
.row.acted { background: rgba(142, 94, 181, .14); }
.name { font-size: 13.5px; line-height: 1.2; overflow-wrap: anywhere; min-width: 0; }
.name small { display: block; font-size: 11.5px; opacity: .75; }
.track { position: relative; height: 30px; }
.track .seen { position: absolute; top: 12px; height: 6px; border-radius: 3px; background: var(--st-text-color);
  opacity: .17; }
.track .line { position: absolute; left: 0; right: 0; top: 14.5px; height: 1px; background: var(--st-text-color);
  opacity: .28; }
.track .tick { position: absolute; top: 8px; width: 2px; height: 14px; margin-left: -1px; }
.track .tick.absent { background: #D55E00; } .track .tick.present { background: #0072B2; }
.track .was { position: absolute; top: 10px; width: 10px; height: 10px; margin-left: -5px; border-radius: 50%;
  box-sizing: border-box; border: 2px solid var(--st-text-color); background: var(--st-background-color); }
.track .now { position: absolute; top: 7px; width: 16px; height: 16px; margin-left: -8px; border-radius: 50%;
  box-sizing: border-box; background: var(--st-text-color); border: 2px solid var(--st-background-color);
  pointer-events: none; }
.row.acted .now { background: #8E5EB5; } .row.followed .now { background: #B48FD0; }
.track input { position: absolute; inset: 0; width: 100%; height: 100%; margin: 0; opacity: 0; cursor: ew-resize; }
.track input:focus-visible ~ .now { outline: 2px solid var(--st-primary-color); outline-offset: 2px; }
.value { font-size: 13px; text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.set { display: flex; gap: 4px; }
button { all: unset; box-sizing: border-box; cursor: pointer; font-size: 12px; line-height: 1; padding: 6px 8px;
  border: 1px solid var(--st-border-color); border-radius: 99px; white-space: nowrap; }
button:hover { background: var(--st-secondary-background-color); }
button:focus-visible { outline: 2px solid var(--st-text-color); outline-offset: 2px; }
button[aria-pressed=true] { background: #8E5EB5; border-color: #8E5EB5; color: #fff; }
button.undo { visibility: hidden; } .row.acted button.undo { visibility: visible; }
.rows.narrow .row { grid-template-columns: 1fr 4.2em; }
.rows.narrow .track { grid-column: 1 / 3; } .rows.narrow .set { grid-column: 1 / 3; }
.rows.narrow .value { grid-column: 2; grid-row: 1; } .rows.narrow button { padding: 9px 11px; }
"""

_JS = """
const ANSWERS = [["a", "absent"], ["p", "present"], ["z", "0"], ["n", "\\u00b1"], ["", "\\u00d7"]]
const TITLES = { a: "Say it is absent", p: "Say it is present", z: "Set the score to zero", n: "Turn the score's sign",
  "": "Leave it as it is" }
const shown = (x) => (Math.abs(x) < 0.005 ? "" : x < 0 ? "\\u2212" : "+") + Math.abs(x).toFixed(2)

function build(row) {
  const root = document.createElement("div")
  root.innerHTML = `<div class="name"><span></span><small></small></div><div class="track"><div class="line"></div>
    <div class="seen"></div><div class="tick absent"></div><div class="tick present"></div><div class="was"></div>
    <input type="range" min="0" max="1000" step="1"><div class="now"></div></div><div class="value"></div>
    <div class="set"></div>`
  ANSWERS.forEach(([kind, word]) => {
    const button = document.createElement("button")
    button.type = "button"
    button.textContent = word
    button.title = TITLES[kind]
    button.dataset.kind = kind
    if (!kind) button.className = "undo"
    root.querySelector(".set").append(button)
  })
  return root
}

function fill(root, row, send) {
  const find = (name) => root.querySelector(name)
  const span = row.end - row.start
  const place = (x) => Math.min(100, Math.max(0, 100 * (x - row.start) / span))
  root.className = "row" + (row.kind ? " acted" : row.followed ? " followed" : "")
  find(".name span").textContent = row.name
  find(".name small").textContent = row.note
  find(".seen").style.left = place(row.low) + "%"
  find(".seen").style.width = place(row.high) - place(row.low) + "%"
  find(".absent").style.left = place(row.absent) + "%"
  find(".present").style.left = place(row.present) + "%"
  find(".was").style.left = place(row.was) + "%"
  const input = find("input"), now = find(".now"), value = find(".value")
  const at = (x) => { now.style.left = place(x) + "%"; value.textContent = shown(x) }
  input.value = String(Math.round(10 * place(row.now)))
  input.setAttribute("aria-label", "Score of " + row.name)
  input.setAttribute("aria-valuetext", shown(row.now))
  const score = () => row.start + span * Number(input.value) / 1000
  input.oninput = () => at(score())
  input.onchange = () => send([row.concept, "=", score()])
  at(row.now)
  root.querySelectorAll("button").forEach((button) => {
    const kind = button.dataset.kind
    button.setAttribute("aria-label", TITLES[kind] + ": " + row.name)
    button.setAttribute("aria-pressed", String(kind !== "" && kind === row.kind))
    button.onclick = () => send([row.concept, kind === row.kind ? "" : kind, 0])
  })
}

export default function ({ parentElement, data, setTriggerValue }) {
  const rows = parentElement.querySelector(".rows")
  rows.classList.toggle("narrow", parentElement.clientWidth < 560 || rows.clientWidth < 560)
  while (rows.childElementCount > data.rows.length) rows.lastChild.remove()
  data.rows.forEach((row, at) => {
    if (!rows.children[at]) rows.append(build(row))
    fill(rows.children[at], row, (act) => setTriggerValue("act", act))
  })
}
"""

_component = st.components.v2.component("plumage_console", html="<div class='rows'></div>", css=_CSS, js=_JS)
_MARGIN = 0.05
"""Room at either end of a row's scale, as a share of it."""


@dataclass(frozen=True, slots=True)
class Row:
    """A concept to be set.

    Attributes:
        concept: its number in the bank.
        name, note: its words, and a line below them.
        was, now: its score before and after everything that was done.
        low, high: the observed range.
        absent, present: the levels.
        kind: what was done to it (see `engine.interventions.acts`), or `""`.
        followed: whether it moved along.
    """

    concept: int
    name: str
    note: str
    was: float
    now: float
    low: float
    high: float
    absent: float
    present: float
    kind: str
    followed: bool

    def ends(self) -> tuple[float, float]:
        """Both ends of the row's scale: all that is marked on it, and the score with its sign turned."""
        marked = (self.low, self.high, self.was, self.now, -self.was, self.absent, self.present)
        room = _MARGIN * (max(marked) - min(marked)) or 1.0
        return min(marked) - room, max(marked) + room


def draw(rows: Sequence[Row], key: str, on_act: Callable[[int, str, float], None]) -> None:
    """Draw the rows.

    Args:
        on_act: called with concept, kind and score before the page is drawn again; kind `""` takes the act back.
    """

    def acted() -> None:
        found = (st.session_state.get(key) or {}).get("act")
        if found is not None:
            concept, kind, score = found
            on_act(int(concept), str(kind), float(score))

    data = [{**asdict(row), "start": row.ends()[0], "end": row.ends()[1]} for row in rows]
    _component(data={"rows": data}, key=key, on_act_change=acted)
