// The time bar: tasks and beats, one handle, and a second one for what is compared with. Space plays.
const SPEEDS = [["1×", 900], ["2×", 450], ["4×", 220]]
const timeBar = (act) => {
  const box = el("div", "time"), play = el("button", "play"), speed = el("button", "speed"), live = el("button", "live")
  const track = el("div", "track"), fill = el("i", "fill"), marks = el("div", "marks"), handle = el("i", "handle"), second = el("i", "second"), told = el("output")
  for (const made of [play, speed, live]) made.type = "button"
  set(track, { role: "slider", tabindex: 0, "aria-label": "Moment of the run", "aria-valuemin": 0 })
  set(play, { title: "Space" })
  set(track, { title: "Drag, or use the arrow keys; Shift and a click compare two moments" })
  play.onclick = () => act("play")
  speed.onclick = () => act("speed")
  live.onclick = () => act("live")
  track.append(marks, fill, second, handle)
  box.append(play, speed, track, told, live)
  let film = null, at = 0, dragging = null
  const nearest = (event) => {
    const room = track.getBoundingClientRect(), share = (event.clientX - room.x) / room.width
    let best = 0
    film.moments.forEach((moment, i) => { if (Math.abs(place(film, moment) - share) < Math.abs(place(film, film.moments[best]) - share)) best = i })
    return best
  }
  track.onpointerdown = (event) => {
    if (!film?.moments.length || event.button) return
    event.preventDefault()
    track.focus({ preventScroll: true })
    dragging = event.shiftKey ? "against" : "at"
    track.setPointerCapture(event.pointerId)
    act(dragging, nearest(event))
  }
  track.onpointermove = (event) => { if (dragging) act(dragging, nearest(event)) }
  track.onpointerup = track.onpointercancel = () => { if (dragging) { dragging = null; act("rest") } }
  track.onkeydown = (event) => {
    if (!film || event.ctrlKey || event.metaKey || event.altKey) return
    const end = film.moments.length - 1
    const ends = film.moments.flatMap(([, epoch], i) => epoch === AFTER ? [i] : [])
    const to = { ArrowLeft: at - 1, ArrowDown: at - 1, ArrowRight: at + 1, ArrowUp: at + 1, Home: 0, End: end,
      PageUp: ends.find((i) => i > at) ?? end, PageDown: ends.findLast((i) => i < at) ?? 0 }[event.key]
    if (to === undefined && event.key !== " " && event.key !== "Escape") return
    event.preventDefault()
    event.stopPropagation()
    if (event.key === " ") act("play")
    else if (event.key === "Escape") act("against", null)
    else { act("at", Math.min(Math.max(to, 0), end)); act("rest") }
  }
  return { box, draw(state) {
    film = state.film
    at = state.at
    const moments = film.moments, none = !moments.length
    set(track, { "aria-valuemax": Math.max(moments.length - 1, 0), "aria-valuenow": none ? 0 : at, "aria-valuetext": none ? "Nothing yet" : named(moments[at]) + ": " + (film.heads[at] ?? ""), "aria-disabled": none ? "true" : null })
    say(play, state.playing ? "Pause" : "Play")
    say(speed, SPEEDS[state.speed][0])
    set(speed, { "aria-label": "Speed " + SPEEDS[state.speed][0] })
    say(live, state.live ? "Live" : "Latest")
    set(live, { "aria-pressed": String(state.follow) })
    live.classList.toggle("on", state.live && state.follow)
    play.disabled = live.disabled = none
    const stops = [...Array.from({ length: film.tasks }, (_, t) => ({ key: "t" + t, task: t })), ...moments.filter(([, epoch]) => epoch !== AFTER).map((moment) => ({ key: code(moment), moment }))]
    keyed(marks, stops, (one) => one.key, (one) => el("i", one.moment ? "beat" : "task", one.moment ? "" : String(one.task + 1)), (node, one) => {
      const from = one.moment ? place(film, one.moment) : one.task / film.tasks
      node.style.left = 100 * from + "%"
      if (!one.moment) node.style.width = 100 / film.tasks + "%"
      node.classList.toggle("done", one.moment ? true : moments.some(([task, epoch]) => task === one.task && epoch === AFTER))
    })
    track.classList.toggle("many", film.tasks > 24)
    const share = none ? 0 : place(film, moments[at])
    fill.style.width = handle.style.left = 100 * share + "%"
    hide(handle, none)
    hide(second, state.against === null)
    if (state.against !== null) second.style.left = 100 * place(film, moments[state.against]) + "%"
    say(told, none ? "" : named(moments[at]))
  } }
}
