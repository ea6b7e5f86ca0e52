"""Popovers for those who have no mouse: the focus goes into one that opens, and back to its button afterwards.

Streamlit draws a popover at the very end of the page and leaves the focus on its button, so that Tab would lead through
the whole page first.
"""

from __future__ import annotations

import streamlit as st

_JS = """
const BODY = "[data-testid=stPopoverBody]", OPENER = "[data-testid=stPopoverButton][aria-expanded=true]"
const held = (window.__plumagePopovers ??= { watch: null, body: null, opener: null })
const back = () => held.opener?.focus({ preventScroll: true })

function enter(body) {
  held.opener = document.querySelector(OPENER)
  if (!held.opener || document.activeElement !== held.opener) return
  body.tabIndex = -1
  body.focus({ preventScroll: true })
  body.addEventListener("keydown", (event) => {
    if (event.key === "Tab") setTimeout(() => { if (!body.contains(document.activeElement)) back() })
  })
}

function look() {
  const body = document.querySelector(BODY)
  if (body === held.body) return
  held.body = body
  if (body) enter(body)
  else if (document.activeElement === document.body) back()
}

export default function () {
  if (held.watch) return  // one for the whole tab
  held.watch = new MutationObserver(look)
  held.watch.observe(document.body, { childList: true, subtree: true })
}
"""
_component = st.components.v2.component("plumage_popovers", html="<span hidden></span>", js=_JS)


def by_keyboard() -> None:
    """Watch the page's popovers; draws nothing."""
    _component(key="popovers")
