"""A gallery whose pictures can be clicked: a thumbnail, a caption, a word below it.

A component of our own, because Streamlit's images take no clicks and a button under each would be a widget each. Texts
go in as text, never as HTML, and pictures as data addresses.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

_CSS = """
.grid { display: grid; gap: 10px; align-items: start;
  grid-template-columns: repeat(auto-fill, minmax(var(--thumb, 92px), 1fr)); }
button { all: unset; cursor: pointer; min-width: 0; border-radius: 8px; font-family: var(--st-font);
  color: var(--st-text-color); }
button:focus-visible { outline: 3px solid var(--st-primary-color); outline-offset: 2px; }
button img { width: 100%; aspect-ratio: 1; object-fit: cover; border-radius: 8px; display: block;
  box-sizing: border-box; border: 3px solid transparent; background: var(--st-secondary-background-color); }
button:hover img { border-color: var(--st-border-color); }
button[aria-pressed=true] img { border-color: var(--st-primary-color); }
button b { display: block; font-weight: 600; font-size: 12.5px; line-height: 1.3; margin-top: 3px;
  overflow-wrap: anywhere; }
button span { display: block; font-size: 12px; line-height: 1.3; opacity: .75; overflow-wrap: anywhere; }
button.good b::before { content: "\\2713  "; color: color-mix(in srgb, #2e7d5b 65%, var(--st-text-color)); }
button.bad b::before { content: "\\2717  "; color: color-mix(in srgb, #c4592e 65%, var(--st-text-color)); }
"""

_JS = """
export default function ({ parentElement, data, setTriggerValue }) {
  const grid = parentElement.querySelector(".grid")
  grid.style.setProperty("--thumb", data.width + "px")
  const before = grid.dataset.shown
  const now = JSON.stringify(data.items.map((item) => item.slice(0, 1).concat(item.slice(2))))
  if (before !== now) {
    grid.replaceChildren(...data.items.map(([ref, address, title, note, tone]) => {
      const button = document.createElement("button")
      button.type = "button"
      button.className = tone
      const image = document.createElement("img")
      image.alt = ""  // the words below already name the button
      const top = document.createElement("b"), below = document.createElement("span")
      top.textContent = title
      below.textContent = note
      button.append(image, top, below)
      button.dataset.ref = ref
      return button
    }))
    grid.dataset.shown = now
  }
  data.items.forEach(([ref, address], at) => {
    const button = grid.children[at]
    if (button.firstChild.src !== address) button.firstChild.src = address
    button.setAttribute("aria-pressed", String(ref === data.chosen))
    button.onclick = () => setTriggerValue("picked", ref)
  })
}
"""

_gallery = st.components.v2.component("plumage_thumbs", html="<div class='grid'></div>", css=_CSS, js=_JS)


@dataclass(frozen=True, slots=True)
class Thumb:
    """One picture of a gallery.

    Attributes:
        ref: what a click hands on.
        address: the picture as a data address.
        title, note: the two lines below it; also its text for those who cannot see it.
        tone: `"good"` or `"bad"` put a tick or a cross before the title; else `""`.
    """

    ref: str
    address: str
    title: str = ""
    note: str = ""
    tone: str = ""


def gallery(
    thumbs: Sequence[Thumb], key: str, on_pick: Callable[[str], None], chosen: str | None = None, width: int = 92
) -> None:
    """Draw the gallery.

    Args:
        on_pick: called with the `ref` of the picture that was clicked, before the page is drawn again.
        chosen: the `ref` that is outlined.
        width: least width of a thumbnail in pixels.
    """

    def picked() -> None:
        ref = (st.session_state.get(key) or {}).get("picked")
        if ref is not None:
            on_pick(str(ref))

    items = [[t.ref, t.address, t.title, t.note, t.tone] for t in thumbs]
    _gallery(data={"items": items, "chosen": chosen, "width": width}, key=key, on_picked_change=picked)
