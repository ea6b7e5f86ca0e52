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
