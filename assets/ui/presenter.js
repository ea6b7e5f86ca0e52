// The presenter's clock on the stage, and the window with the notes. The clock is the stage's: it outlives a slide, and
// a page that is loaded again, and both windows show it. They speak through a channel that this tab alone has.
const ID = sessionStorage.plumagePresenter ||= crypto.randomUUID()
const CHANNEL = `plumage-notes-${ID}`, CLOCK = "plumageClock", HIDDEN = "plumageClockHidden"

const clock = () => JSON.parse(sessionStorage[CLOCK] || '{"since": null, "before": 0}')
const keep = (now) => { sessionStorage[CLOCK] = JSON.stringify(now) }
const elapsed = ({ since, before }) => before + (since ? Date.now() - since : 0)
const words = (ms) => {
  const all = Math.floor(ms / 1000), two = (n) => String(n).padStart(2, "0")
  return (all >= 3600 ? `${Math.floor(all / 3600)}:${two(Math.floor(all / 60) % 60)}` : Math.floor(all / 60)) + `:${two(all % 60)}`
}
const deeds = {
  turn: () => { const now = clock(); keep(now.since ? { since: null, before: elapsed(now) } : { ...now, since: Date.now() }) },
  reset: () => keep({ since: clock().since && Date.now(), before: 0 }),
  back: () => document.querySelector(".st-key-stage-back button")?.click(),
  next: () => document.querySelector(".st-key-stage-next button")?.click(),
}

function ask(data) {
  const page = window.open("", CHANNEL, "popup,width=720,height=820")
  if (!page) return false
  if (!page.document.getElementById("notes")) {
    page.document.open()
    page.document.write(data.page)
    page.document.close()
    const script = page.document.createElement("script")
    script.textContent = `(${data.script})(${JSON.stringify(CHANNEL)}, ${words})`
    page.document.body.append(script)
  }
  page.focus()
  return true
}

export default function ({ parentElement, data }) {
  const find = (name) => parentElement.querySelector(`.${name}`)
  parentElement.plumageEnd?.()  // a page that is drawn again calls this again, for the same elements
  const channel = new BroadcastChannel(CHANNEL)
  const tell = () => channel.postMessage({ slide: data.slide, clock: clock() })
  const show = () => {
    const now = clock(), hidden = localStorage[HIDDEN] === "yes"
    find("face").textContent = words(elapsed(now))
    find("face").setAttribute("aria-label", `${now.since ? "Pause" : "Start"} the timer, now ${words(elapsed(now))}`)
    find("clock").classList.toggle("runs", Boolean(now.since))
    find("clock").hidden = hidden
    find("hide").textContent = hidden ? "Timer" : "Hide"
    find("hide").setAttribute("aria-label", hidden ? "Show the timer" : "Hide the timer")
  }
  const act = (name) => { deeds[name]?.(); show(); tell() }
  find("face").onclick = () => act("turn")
  find("reset").onclick = () => act("reset")
  find("hide").onclick = () => { localStorage[HIDDEN] = localStorage[HIDDEN] === "yes" ? "no" : "yes"; show() }
  find("open").onclick = () => {
    find("refused").hidden = ask(data)
    tell()
  }
  channel.onmessage = ({ data: heard }) => heard.hello ? tell() : act(heard.act)
  const beat = setInterval(show, 250)
  show()
  tell()
  return parentElement.plumageEnd = () => { clearInterval(beat); channel.close() }
}
