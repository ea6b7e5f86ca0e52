"""What can be changed about a bird: one row an attribute, one click a change, colours as swatches.

A component of our own: thirteen of Streamlit's widgets would take a screen and a half and could show no colour. Texts
go in as text, never as HTML.
"""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from engine.data.aviary.attributes import ATTRIBUTES, INDEX
from engine.data.aviary.palette import HABITATS, LEGS, PLUMAGE, Colour
from engine.exhibits.aviary.naming import Codes, title_of

_ORDER = (
    ("crown", "back", "wing", "breast", "legs"),
    ("bill", "crest", "face", "breast_pattern", "wing_bars", "tail", "tail_band"),
    ("habitat",),
)
"""Rows from top to bottom: colours, then shapes and marks, then the place."""

_CSS = """
.rows { display: grid; gap: 3px; font-family: var(--st-font); color: var(--st-text-color); }
.row { display: grid; grid-template-columns: 7.4em 1fr; align-items: center; gap: 8px; min-height: 31px;
  border: 0; margin: 0; padding: 1px 0; }
.row.gap { border-top: 1px solid var(--st-border-color); padding-top: 6px; margin-top: 4px; }
.name { font-size: 13.5px; line-height: 1.15; }
.name i { display: none; font-style: normal; font-size: 11.5px; opacity: .75; }
.row.changed .name { font-weight: 650; }
.row.changed .name i { display: block; font-weight: 400; }
.values { display: flex; flex-wrap: wrap; gap: 4px; }
button { all: unset; box-sizing: border-box; cursor: pointer; border-radius: 99px; position: relative; }
button:focus-visible { outline: 2px solid var(--st-text-color); outline-offset: 2px; }
button.word { font-size: 12.5px; line-height: 1; padding: 6px 9px; border: 1px solid var(--st-border-color); }
button.word b { display: inline-block; width: 13px; height: 13px; border-radius: 50%; margin: -2px 5px -2px -2px;
  vertical-align: -1px; }
button.word:hover { background: var(--st-secondary-background-color); }
button.swatch { width: 25px; height: 25px; border: 1px solid rgba(128, 128, 128, .55); }
button.swatch:hover { transform: scale(1.12); }
button[aria-checked=true].word { background: var(--st-text-color); color: var(--st-background-color);
  border-color: var(--st-text-color); }
button[aria-checked=true].swatch { box-shadow: 0 0 0 2px var(--st-background-color), 0 0 0 4px var(--st-text-color); }
button.was:not([aria-checked=true])::after { content: ""; position: absolute; left: 50%; bottom: -5px; width: 5px;
  height: 5px; margin-left: -2.5px; border-radius: 50%; background: var(--st-text-color); }
@media (max-width: 640px) {
  .row { grid-template-columns: 1fr; gap: 3px; padding: 4px 0; }
  .row.changed .name i { display: inline; margin-left: 0.5em; }
  button.swatch { width: 29px; height: 29px; } button.word { padding: 8px 12px; }
}
@media (prefers-reduced-motion: reduce) { button.swatch:hover { transform: none; } }
"""

_JS = """
export default function ({ parentElement, data, setTriggerValue }) {
  const rows = parentElement.querySelector(".rows")
  if (!rows.childElementCount) {
    data.rows.forEach(({ key, name, gap, values }) => {
      const row = document.createElement("div"), label = document.createElement("span")
      const set = document.createElement("div"), was = document.createElement("i")
      row.className = gap ? "row gap" : "row"
      label.className = "name"
      set.className = "values"
      set.setAttribute("role", "radiogroup")
      set.setAttribute("aria-label", name)
      label.append(name[0].toUpperCase() + name.slice(1), was)
      values.forEach(([word, paint, told]) => {
        const button = document.createElement("button")
        button.type = "button"
        button.dataset.value = word
        button.setAttribute("role", "radio")
        button.title = word
        button.className = told ? "word" : "swatch"
        if (!told) { button.style.background = paint; button.ariaLabel = word }
        else {
          if (paint) { const dot = document.createElement("b"); dot.style.background = paint; button.append(dot) }
          button.append(word)
        }
        set.append(button)
      })
      row.append(label, set)
      row.dataset.key = key
      rows.append(row)
    })
  }
  const mark = (row, now, was) => {
    row.classList.toggle("changed", now !== was)
    row.querySelector("i").textContent = now !== was ? "was " + was : ""
    row.querySelectorAll("button").forEach((button) => {
      const on = button.dataset.value === now
      button.setAttribute("aria-checked", String(on))
      button.tabIndex = on ? 0 : -1
      button.classList.toggle("was", button.dataset.value === was)
    })
  }
  data.rows.forEach(({ key, now, was }, at) => {
    const row = rows.children[at]
    mark(row, now, was)
    const buttons = [...row.querySelectorAll("button")]
    const pick = (button) => {
      mark(row, button.dataset.value, was)
      setTriggerValue("picked", key + ":" + button.dataset.value)
    }
    buttons.forEach((button, i) => {
      button.onclick = () => pick(button)
      button.onkeydown = (event) => {
        const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key]
        if (!step) return
        event.preventDefault()
        event.stopPropagation()
        const next = buttons[(i + step + buttons.length) % buttons.length]
        next.focus()
        pick(next)
      }
    })
  })
}
"""

_palette = st.components.v2.component("plumage_palette", html="<div class='rows'></div>", css=_CSS, js=_JS)


def draw(key: str, now: Codes, was: Codes, on_pick: Callable[[str, str], None]) -> None:
    """Draw the rows.

    Args:
        now, was: codes of the bird as it is and as it was.
        on_pick: called with attribute and value of what was clicked, before the page is drawn again.
    """

    def picked() -> None:
        attribute, _, value = str((st.session_state.get(key) or {}).get("picked") or "").partition(":")
        if attribute in INDEX and value in ATTRIBUTES[INDEX[attribute]].values:
            on_pick(attribute, value)

    rows = [
        _row(name, now, was, gap=bool(block) and at == 0)
        for block, names in enumerate(_ORDER)
        for at, name in enumerate(names)
    ]
    _palette(data={"rows": rows}, key=key, on_picked_change=picked)


def _row(name: str, now: Codes, was: Codes, gap: bool) -> dict[str, object]:
    index = INDEX[name]
    values = ATTRIBUTES[index].values
    return {
        "key": name,
        "name": title_of(index),
        "gap": gap,
        "values": [[value, paint(name, value), name not in _ORDER[0]] for value in values],
        "now": values[now[index]],
        "was": values[was[index]],
    }


def paint(attribute: str, value: str) -> str:
    """How a value looks, in CSS; empty where it is neither a colour nor a place."""
    if attribute == "habitat":
        stops = ", ".join(_css(colour) for colour in HABITATS[value].wash)
        return f"linear-gradient({stops})"
    if attribute == "legs":
        return _css(LEGS[value])
    return _css(PLUMAGE[value]) if value in PLUMAGE and attribute in _ORDER[0] else ""


def _css(colour: Colour) -> str:
    return "rgb({}, {}, {})".format(*colour)
