// The player. Everything it shows is in `data`; it asks the server for nothing, and tells it only where it rests.
// Data are lines of JSON, as bytes: what is asked for, the film, and another one beside it or nothing. Only the first line
// is read unless its version is new.
const read = (data) => {
  const lines = [], next = data.indexOf(10)
  const text = (from, to) => new TextDecoder().decode(data.subarray(from, to))
  return { ...JSON.parse(text(0, next)), films: () => {
    if (!lines.length) lines.push(...text(next + 1).split("\n"))
    return lines.map((line) => line ? JSON.parse(line) : null)
  } }
}
export default function film({ parentElement, data: bytes, setTriggerValue }) {
  const data = read(bytes), root = parentElement.querySelector(".film")
  if (root.player?.run !== data.run) {
    root.player?.end()
    root.player = player(root, data.run, data.level ?? 1)
  }
  root.player.take(data, setTriggerValue)
}
const player = (root, run, level) => {
  const calm = 300, patience = 60000  // ms at rest before the server is told, and ms that its answer may take
  const state = { film: null, beside: null, at: 0, against: null, follow: true, live: false, probe: -1, guide: "row", measure: 4, playing: 0, speed: 0 }
  let told = "", version = "", soon = 0, tell = () => {}, drawing = 0
  let unanswered = []  // what the server was told, oldest first: it says each again, and that is no wish to go back there
  const sizes = new Map()
  const size = (node) => {  // measured once for each size of the window, not for each drawing
    if (!sizes.has(node)) sizes.set(node, { width: Math.max(node.clientWidth, 120), height: Math.max(node.clientHeight, 30) })
    return sizes.get(node)
  }
  const earlier = (at) => { for (let i = at - 1; i >= 0; i--) if (state.film.frames[i]) return i; return null }
  const view = () => JSON.stringify({
    beat: state.follow || !state.film.moments.length ? "" : code(state.film.moments[state.at]),
    against: state.against === null ? "" : code(state.film.moments[state.against]),
    probe: state.chosen ? state.film.probes[state.probe]?.ref ?? "" : "",
    guide: state.guide,
  })
  const asking = (one) => JSON.stringify([one.beat, one.against, one.probe, one.guide])
  const answers = (question) => {
    unanswered = unanswered.filter((one) => one.until > Date.now())
    const place = unanswered.findIndex((one) => one.words === question)
    unanswered.splice(0, place + 1)
    return place >= 0
  }
  const rest = () => {
    clearTimeout(soon)
    soon = setTimeout(() => {
      const now = view()
      if (now === told || state.playing) return
      told = now
      unanswered.push({ words: asking(JSON.parse(now)), until: Date.now() + patience })
      tell("view", JSON.parse(now))
    }, calm)
  }
  const stop = () => { clearInterval(state.playing); state.playing = 0 }
  const last = () => state.film.moments.length - 1
  const go = (what, more) => { tell("go", { to: what, beat: code(state.film.moments[state.at]), rows: state.film.rows[state.at], ...more }) }
  const acts = {
    at: (to) => { stop(); state.follow = to === last(); state.at = to },
    against: (to) => { stop(); state.against = to === state.at ? null : to; rest() },
    rest,
    live: () => { stop(); state.follow = true; state.at = Math.max(last(), 0); rest() },
    speed: () => { state.speed = (state.speed + 1) % SPEEDS.length; if (state.playing) { stop(); start() } },
    play: () => { if (state.playing) { stop(); rest() } else { if (state.at >= last()) state.at = 0; state.against = null; start() } },
    guide: (guide) => { state.guide = guide; rest() },
    measure: (measure) => { state.measure = measure },
    probe: (probe) => { state.probe = probe; state.chosen = true; rest() },
  }
  const start = () => {
    state.follow = false
    state.playing = setInterval(() => {
      if (!root.isConnected) { stop(); return }
      state.at = Math.min(state.at + 1, last())
      if (state.at >= last()) { stop(); state.follow = true; rest() }
      draw()
    }, SPEEDS[state.speed][1])
  }
  const act = (what, value) => {
    if (!state.film) return
    if (acts[what]) { acts[what](value); draw() } else go(what, value)
  }
  const head = el(level === 1 ? "h1" : "p", "headline"), notes = el("p", "notes"), bar = timeBar(act)
  set(head, { role: "heading", "aria-live": "polite" })
  const panels = [matrixPanel(act), forgettingPanel(act), weightsPanel(act), attentionPanel(act), attackPanel(act), changesPanel(act)]
  const sheet = el("div", "panels")
  sheet.append(...panels.map((one) => one.box))
  root.replaceChildren(head, sheet, bar.box, notes)
  root.querySelectorAll("[role=heading]").forEach((one, at) => set(one, { "aria-level": level + (at ? 1 : 0) }))
  const draw = () => {
    const { film, at } = state
    // The probe that is shown larger: the chosen one while it is watched, else the newest that is fooled or wrong.
    const probes = film.frames[at]?.probes ?? []
    if (!state.chosen || !probes.some((one) => one[0] === state.probe)) {
      const striking = probes.findLast((one) => one[FOOLED]) ?? probes.findLast((one) => one[TAKEN] !== film.probes[one[0]].class)
      state.probe = (striking ?? probes[probes.length - 1])?.[0] ?? -1
      state.chosen = false
    }
    const shown = { ...state, told: film.told[at] ?? film.told[0] ?? film.nothing, earlier, size }
    root.classList.toggle("compared", state.against !== null)
    const headline = state.against === null ? film.heads[at] ?? film.opening : "Compared: " + named(film.moments[state.against]).toLowerCase() + " and " + named(film.moments[at]).toLowerCase()
    say(head, headline)
    head.classList.toggle("long", headline.length > 86)
    head.title = headline
    say(notes, film.notes.join(" "))
    hide(notes, !film.notes.length)
    const [matrix, ...measured] = panels
    measured.forEach((one) => one.draw(shown))  // before there are a thousand cells, around which measuring is slow
    matrix.draw(shown)
    bar.draw(shown)
  }
  const later = () => { sizes.clear(); cancelAnimationFrame(drawing); drawing = requestAnimationFrame(() => state.film && draw()) }
  const watch = new ResizeObserver(later)
  watch.observe(root)
  const indexOf = (text) => state.film.moments.findIndex((moment) => code(moment) === text)
  const restore = (asked) => {
    unanswered = []
    const at = indexOf(asked.beat), against = indexOf(asked.against), probe = state.film.probes.findIndex((one) => one.ref === asked.probe)
    state.follow = at < 0 || at === last()
    state.at = at < 0 ? Math.max(last(), 0) : at
    state.against = against < 0 || against === state.at ? null : against
    if (probe >= 0) { state.probe = probe; state.chosen = true }
    if (asked.guide) state.guide = asked.guide
    told = view()
  }
  return {
    run,
    end: () => { stop(); watch.disconnect(); clearTimeout(soon) },
    take: (data, trigger) => {
      tell = trigger ?? (() => {})
      const fresh = data.version !== version, first = !state.film
      const here = !first && !state.follow && state.film.moments.length ? code(state.film.moments[state.at]) : ""
      const there = !first && state.against !== null ? code(state.film.moments[state.against]) : ""
      if (fresh) {
        version = data.version;
        [state.film, state.beside] = data.films()
      }
      const asked = data.view ?? {}, question = asking(asked)
      const answer = answers(question), mine = asking(JSON.parse(told || "{}"))
      if (first || (!answer && question !== root.asked && question !== mine)) restore(asked)
      else if (fresh) {
        state.at = state.follow && !state.playing ? Math.max(last(), 0) : Math.max(indexOf(here), 0)
        state.against = there ? indexOf(there) : null
      }
      root.asked = question
      const changed = fresh || state.live !== data.live
      state.live = Boolean(data.live)
      if (first && data.play && last() > 0) { state.at = 0; start() }
      if (changed || first) draw()
      else if (question !== mine) draw()
    },
  }
}
