// A click on a word that is explained opens the drawer on this page; with a key held down the link is the browser's.
const held = (window.__plumageWords ??= { send: null })

function clicked(event) {
  const link = event.target.closest?.("a.plg-word")
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return
  event.preventDefault()
  if (link.closest("[data-testid=stPopoverBody]"))  // else it would lie above the drawer
    document.querySelector("[data-testid=stPopoverButton][aria-expanded=true]")?.click()
  held.send(new URL(link.href).searchParams.get("term") ?? "")
}

export default function ({ setTriggerValue }) {
  if (!held.send) document.addEventListener("click", clicked, true)  // one for the whole tab
  held.send = (term) => setTriggerValue("asked", { term })
}
