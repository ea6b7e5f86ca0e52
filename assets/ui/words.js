// A click on a word that is explained opens the drawer on this page; with a key held down the link is the browser's.
const held = (window.__plumageWords ??= { send: null })
const CLOSED_MS = 300  // a popover that closes gives the focus back, and only then may the drawer take it
const LOOK_MS = 100, LOOKS = 40

function clicked(event) {
  const link = event.target.closest?.("a.plg-word")
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return
  event.preventDefault()
  const inPopover = Boolean(link.closest("[data-testid=stPopoverBody]"))
  if (inPopover) document.querySelector("[data-testid=stPopoverButton][aria-expanded=true]")?.click()
  const term = new URL(link.href).searchParams.get("term") ?? ""
  setTimeout(() => { held.send(term); enter(LOOKS) }, inPopover ? CLOSED_MS : 0)
}

// Escape and Tab belong to the drawer, which loses the focus while it fills.
function enter(looks) {
  const drawer = document.querySelector("section[role=dialog]")
  if (drawer && document.activeElement === document.body) drawer.focus()
  if (looks) setTimeout(() => enter(looks - 1), LOOK_MS)
}

export default function ({ setTriggerValue }) {
  if (!held.send) document.addEventListener("click", clicked, true)  // one for the whole tab
  held.send = (term) => setTriggerValue("asked", { term })
}
