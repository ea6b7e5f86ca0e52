// What the notes' window does; `words` writes milliseconds as a clock does.
(channel, words) => {
  const wire = new BroadcastChannel(channel), find = (id) => document.getElementById(id)
  let clock = { since: null, before: 0 }
  const tick = () => {
    find("time").textContent = words(clock.before + (clock.since ? Date.now() - clock.since : 0))
    find("turn").textContent = clock.since ? "Pause" : clock.before ? "Go on" : "Start"
  }
  wire.onmessage = ({ data }) => {
    if (!data.slide) return
    const { place, sentence, notes, next, dark } = data.slide
    clock = data.clock
    document.documentElement.classList.toggle("dark", dark)
    find("place").textContent = place
    find("sentence").textContent = sentence
    find("next").textContent = next ? `Next: ${next}` : "This is the last slide."
    find("notes").replaceChildren(...notes.map((text) => {
      const line = document.createElement("p")
      line.textContent = text
      return line
    }))
    tick()
  }
  const act = (name) => wire.postMessage({ act: name })
  for (const name of ["turn", "reset", "back", "next-slide"]) find(name).onclick = () => act(name.replace("-slide", ""))
  const keys = { ArrowRight: "next", PageDown: "next", ArrowLeft: "back", PageUp: "back" }
  addEventListener("keydown", (event) => {
    if (event.key in keys) { event.preventDefault(); act(keys[event.key]) }
  })
  setInterval(tick, 250)
  wire.postMessage({ hello: true })
}
