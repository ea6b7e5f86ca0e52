"""The browser's full screen: a small button of our own, because only a click in the page may ask for it. It also knows
how large the window is, and so how large the letters of a chart must be."""

from __future__ import annotations

import streamlit as st

_KEY = "full-screen"
_LARGE = (1600, 860)
"""Width and height in pixels from which a window is called large."""

_CSS = """
button { all: unset; cursor: pointer; box-sizing: border-box; min-height: 40px; padding: 6px 12px; border-radius: 6px;
  font: 400 16px/1.6 var(--st-font); color: var(--st-text-color); }
button:hover { color: var(--st-primary-color); }
button:focus-visible { outline: 3px solid var(--st-primary-color); outline-offset: 2px; }
button[hidden] { display: none; }
"""
_JS = """
export default function ({ parentElement, data, setStateValue }) {
  const measure = () => {
    const large = innerWidth >= data.width && innerHeight >= data.height
    if (large !== parentElement.plumageLarge) setStateValue("large", parentElement.plumageLarge = large)
  }
  if (parentElement.plumageLarge === undefined) parentElement.plumageLarge = data.large
  const button = parentElement.querySelector("button"), root = document.documentElement
  button.hidden = !document.fullscreenEnabled
  const say = () => { button.textContent = document.fullscreenElement ? "Leave full screen" : "Full screen" }
  button.onclick = () => document.fullscreenElement ? document.exitFullscreen() : root.requestFullscreen()
  document.addEventListener("fullscreenchange", say)
  addEventListener("resize", measure)
  say()
  measure()
  return () => {
    document.removeEventListener("fullscreenchange", say)
    removeEventListener("resize", measure)
  }
}
"""
_full = st.components.v2.component("plumage_full", html="<button type='button'>Full screen</button>", css=_CSS, js=_JS)


def button() -> bool:
    """Draw the button, which hides itself where the browser has no full screen.

    Returns:
        Whether the window is a large one, as far as it has told.
    """
    large = bool((st.session_state.get(_KEY) or {}).get("large"))
    data = {"width": _LARGE[0], "height": _LARGE[1], "large": large}
    _full(data=data, key=_KEY, height="content", on_large_change=lambda: None)
    return large
