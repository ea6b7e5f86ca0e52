"""The attack step by step: pictures, maps and curves with one slider, which asks nothing of the server.

A component of our own: the pictures of all steps are on the page, and moving the slider shows others of them. Only
where it comes to rest is told to the server, which writes it into the address. Texts go in as text, never as HTML.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

_CSS = """
.reel { font-family: var(--st-font); color: var(--st-text-color); }
.plates { display: grid; grid-template-columns: repeat(6, minmax(0, 1fr)); gap: 8px 12px; }
.plates.few { grid-template-columns: repeat(3, minmax(0, 300px)); }
figure { margin: 0; min-width: 0; }
figure img { width: 100%; aspect-ratio: 1; display: block; border-radius: 6px; background: rgba(128, 128, 128, .15); }
figure.raw img { image-rendering: pixelated; }
figcaption { font-size: 13px; line-height: 1.25; padding-top: 3px; }
figcaption b { font-weight: 600; } figcaption span { opacity: .76; }
.bar { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: 4px 12px; align-items: center;
  margin-top: 10px; }
.bar button { all: unset; cursor: pointer; box-sizing: border-box; width: 74px; text-align: center; padding: 5px 0;
  border: 1px solid var(--st-border-color); border-radius: 8px; font-size: 13.5px; }
.bar button:hover { background: var(--st-secondary-background-color); }
.bar button:focus-visible, input:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 2px; }
input { width: 100%; accent-color: var(--st-primary-color); margin: 0; }
output { grid-column: 1 / -1; font-size: 14px; line-height: 1.3; min-height: 1.3em;
  font-variant-numeric: tabular-nums; }
output b { font-weight: 650; }
.curves { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 12px; margin-top: 8px; }
.curves h3 { margin: 0; font-size: 12.5px; font-weight: 600; line-height: 1.3; }
.curves h3 span { font-weight: 400; opacity: .78; font-variant-numeric: tabular-nums; }
svg { width: 100%; height: 58px; display: block; overflow: visible; }
svg .line { fill: none; stroke: var(--ink); stroke-width: 2; vector-effect: non-scaling-stroke; }
svg .zero { stroke: currentColor; opacity: .35; stroke-dasharray: 3 3; vector-effect: non-scaling-stroke; }
svg .now { stroke: currentColor; opacity: .75; vector-effect: non-scaling-stroke; }
@media (max-width: 1000px) { .plates { grid-template-columns: repeat(3, minmax(0, 1fr)); } }
@media (max-width: 640px) {
  .plates { gap: 6px; } figcaption { font-size: 12px; }
  .curves { grid-template-columns: 1fr; }
}
"""

_JS = """
const SPACE = "http://www.w3.org/2000/svg"
const node = (tag, kind, text) => {
  const made = document.createElement(tag)
  if (kind) made.className = kind
  if (text !== undefined) made.textContent = text
  return made
}
const line = (kind, x1, y1, x2, y2) => {
  const made = document.createElementNS(SPACE, "line")
  Object.entries({ class: kind, x1, y1, x2, y2 }).forEach(([name, value]) => made.setAttribute(name, value))
  return made
}
const curve = (one, last) => {
  const box = node("section"), svg = document.createElementNS(SPACE, "svg"), head = node("h3", "", one.name + " ")
  const value = node("span")
  head.append(value)
  const known = one.y.filter((y) => y !== null)
  const low = Math.min(...known, one.zero ? 0 : Infinity), high = Math.max(...known, one.zero ? 0 : -Infinity)
  const place = (y) => 54 - 50 * (y - low) / ((high - low) || 1), across = (x) => 100 * x / (last || 1)
  svg.setAttribute("viewBox", "0 0 100 58")
  svg.setAttribute("preserveAspectRatio", "none")
  svg.setAttribute("role", "img")
  svg.setAttribute("aria-label", one.told)
  if (one.zero) svg.append(line("zero", 0, place(0), 100, place(0)))
  const path = document.createElementNS(SPACE, "polyline")
  path.setAttribute("class", "line")
  path.style.setProperty("--ink", one.colour)
  path.setAttribute("points", one.x.map((x, i) => across(x) + "," + place(one.y[i])).join(" "))
  const now = line("now", 0, 0, 0, 58)
  svg.append(path, now)
  box.append(head, svg)
  return [box, (step) => {
    now.setAttribute("x1", across(step))
    now.setAttribute("x2", across(step))
    const at = one.x.indexOf(step)
    value.textContent = at < 0 ? "" : one.y[at].toFixed(one.digits).replace("-", "\u2212") + one.unit
  }]
}
export default function ({ parentElement, data, setTriggerValue }) {
  const root = parentElement.querySelector(".reel")
  if (root.dataset.name === data.name) {
    if (root.waiting) {  // the slider's own word is on its way; answers to earlier ones are of no interest
      if (data.at === root.told) root.waiting = clearTimeout(root.patience)
    } else if (data.at !== root.told) root.go(data.at)  // a link or the back button
    return
  }
  clearInterval(root.timer)
  clearTimeout(root.soon)
  root.waiting = false
  root.dataset.name = data.name
  root.told = data.at
  const plates = node("div", data.plates.length > 3 ? "plates" : "plates few")
  const bar = node("div", "bar"), curves = node("div", "curves")
  const images = data.plates.map(({ title, note, alt, raw, frames }) => {
    const figure = node("figure", raw ? "raw" : ""), image = node("img"), words = node("figcaption")
    image.alt = alt
    words.append(node("b", "", title), node("span", "", note ? " " + note : ""))
    figure.append(image, words)
    plates.append(figure)
    return (at) => { image.src = frames[Math.min(at, frames.length - 1)] }
  })
  const play = node("button", "", "Play"), slider = node("input"), told = node("output")
  play.type = "button"
  Object.assign(slider, { type: "range", min: 0, max: data.steps.length - 1, step: 1, value: data.at })
  slider.setAttribute("aria-label", "Step of the attack")
  bar.append(play, slider, told)
  const drawn = data.curves.map((one) => curve(one, data.last))
  drawn.forEach(([box]) => curves.append(box))
  const show = (at) => {
    const step = data.steps[at]
    images.forEach((set) => set(at))
    drawn.forEach(([, mark]) => mark(step))
    const head = step === 0 ? "Before the attack: " : "Step " + step + " of " + data.last + ": "
    told.replaceChildren(node("b", "", head), data.says[at])
    slider.setAttribute("aria-valuetext", head + data.says[at])
  }
  const rest = () => {
    root.told = Number(slider.value)
    root.waiting = true
    clearTimeout(root.soon)
    clearTimeout(root.patience)
    root.soon = setTimeout(() => setTriggerValue("step", data.steps[root.told]), data.calm)
    root.patience = setTimeout(() => { root.waiting = false }, data.patience)
  }
  root.go = (at) => { root.told = at; slider.value = at; show(at) }
  const stop = (tell) => {
    if (!root.timer) return
    clearInterval(root.timer)
    root.timer = 0
    play.textContent = "Play"
    if (tell) rest()
  }
  slider.oninput = () => { stop(false); show(Number(slider.value)) }
  slider.onchange = rest
  slider.onkeydown = (event) => event.stopPropagation()
  play.onclick = () => {
    if (root.timer) { stop(true); return }
    const last = Number(slider.max)
    if (Number(slider.value) >= last) slider.value = 0
    show(Number(slider.value))
    play.textContent = "Pause"
    root.timer = setInterval(() => {
      if (!root.isConnected) { clearInterval(root.timer); return }
      slider.value = Number(slider.value) + 1
      show(Number(slider.value))
      if (Number(slider.value) >= last) stop(true)
    }, data.beat)
  }
  root.replaceChildren(plates, bar, ...(data.curves.length ? [curves] : []))
  show(data.at)
}
"""

_TIMES_MS = {"beat": 420, "calm": 220, "patience": 6000}
"""How long a step stays while it plays; how long the slider must be at rest before the server is told; and how long its
answer may take before others are listened to again."""

_reel = st.components.v2.component("plumage_reel", html="<div class='reel'></div>", css=_CSS, js=_JS)


def draw(key: str, data: Mapping[str, Any], on_step: Callable[[int], None]) -> None:
    """Draw the reel.

    Args:
        data: `name` of what is shown (another name draws it anew), `steps` and index `at` of the one shown first,
            `last` step, `says` a step, `plates` (title, note, alt, raw, frames) and `curves` (name, told, colour, unit,
            digits, zero, x, y).
        on_step: called with the step at which the slider came to rest.
    """

    def moved() -> None:
        step = (st.session_state.get(key) or {}).get("step")
        if isinstance(step, int | float):
            on_step(int(step))

    _reel(data={**data, **_TIMES_MS}, key=key, on_step_change=moved)
