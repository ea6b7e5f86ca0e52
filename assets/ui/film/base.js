// What all panels share: elements that stay where they are, numbers in words, colours, and moments.
const SPACE = "http://www.w3.org/2000/svg", MINUS = "−", AFTER = 0
const el = (tag, kind, text) => {
  const made = document.createElement(tag)
  if (kind) made.className = kind
  if (text !== undefined) made.textContent = text
  return made
}
const shape = (tag, values = {}) => set(document.createElementNS(SPACE, tag), values)
const set = (node, values) => {
  for (const [name, value] of Object.entries(values)) {
    if (value === null || value === undefined || value === false) node.removeAttribute(name)
    else if (node.getAttribute(name) !== String(value)) node.setAttribute(name, value === true ? "" : value)
  }
  return node
}
const say = (node, text) => { if (node.textContent !== text) node.textContent = text; return node }
const hide = (node, hidden) => { if (node.hidden !== hidden) node.hidden = hidden }
// One child for each item: those whose key was there before stay, so that focus, hover and transitions outlast a beat.
const keyed = (parent, items, key, make, fill) => {
  const before = parent.kept ?? new Map(), now = new Map()
  items.forEach((item, at) => {
    const name = String(key(item, at)), node = before.get(name) ?? make(item, at)
    fill?.(node, item, at)
    now.set(name, node)
    if (parent.childNodes[at] !== node) parent.insertBefore(node, parent.childNodes[at] ?? null)
  })
  before.forEach((node, name) => { if (!now.has(name)) node.remove() })
  parent.kept = now
}
// As Python rounds: a value just between two goes to the even one, where JavaScript would take the larger.
const rounded = (size, digits) => {
  const steps = size * 10 ** digits, low = Math.floor(steps)
  const between = steps - low === 0.5 && Number.isInteger(size * 2 ** (digits + 1))
  return (between ? (low + low % 2) / 10 ** digits : size).toFixed(digits)
}
const number = (value, digits, sign) => {
  const text = rounded(Math.abs(value), digits), nothing = Number(text) === 0
  return (value < 0 && !nothing ? MINUS : sign && !nothing ? "+" : "") + text
}
const points = (value) => number(value, Math.abs(value) < 0.95 ? 1 : 0, true)
const sure = (share) => share === null ? "" : share > 0.995 ? "over 99 %" : share < 0.0005 ? "under 0.1 %" :
  rounded(100 * share, share < 0.095 ? 1 : 0) + " %"
const VIRIDIS = ["440154", "482878", "3e4a89", "31688e", "26828e", "1f9e89", "35b779", "6ece58", "b5de2b", "fde725"]
  .map((code) => [0, 2, 4].map((at) => parseInt(code.slice(at, at + 2), 16)))
const viridis = (share) => {
  const at = Math.min(Math.max(share, 0), 1) * (VIRIDIS.length - 1), low = Math.floor(at), high = Math.ceil(at)
  return "rgb(" + VIRIDIS[low].map((part, i) => Math.round(part + (at - low) * (VIRIDIS[high][i] - part))) + ")"
}
const FLIP = 0.455  // where on that scale dark letters become more readable than light ones
const FOR = [0, 114, 178], AGAINST = [213, 94, 0]
const signed = (share, most = 1) => {  // towards nothing it fades into the page, light or dark
  const size = Math.min(Math.abs(share), 1)
  return size < 0.02 ? "transparent" : "rgba(" + (share < 0 ? AGAINST : FOR) + "," + (0.06 + (most - 0.06) * size).toFixed(3) + ")"
}
const named = ([task, epoch]) => epoch === AFTER ? "After task " + (task + 1) : "Task " + (task + 1) + ", epoch " + epoch
const code = ([task, epoch]) => (task + 1) + (epoch === AFTER ? "" : "." + epoch)
// Where on the time bar a moment lies, 0..1: every task has the same room, and its epochs are spread over that.
const place = (film, [task, epoch]) => (task + (epoch === AFTER ? 1 : Math.min(epoch / film.epochs, 0.97))) / film.tasks
const probeAt = (film, at, which) => film.frames[at]?.probes.find((probe) => probe[0] === which)
// The fields of a probe at a beat, in the order in which engine/figures/film_frames.py writes them.
const TAKEN = 1, ATTACKED = 2, SHARE = 3, SHARE_ATTACKED = 4, MARGIN = 5, MARGIN_ATTACKED = 6, FOOLED = 7, TOP = 8,
  PART = 9, MAPS = { row: [10, 11], text: [12, 13] }, SHIFT = { row: 14, text: 15 }, LOST = 16
const probeName = (film, which) => {
  const probe = film.probes[which]
  return probe.class < 0 ? (probe.task < 0 ? "a picture of your own" : "a picture") : film.classes[probe.class]
}
const panel = (kind, title) => {
  const box = el("section", "panel " + kind), head = el("header"), name = el("p", "title", title), told = el("p", "told")
  const body = el("div", "body"), why = el("p", "why")
  name.id = "film-" + kind
  set(name, { role: "heading" })
  set(box, { "aria-labelledby": name.id })
  head.append(name, told)
  why.hidden = true
  box.append(head, why, body)
  return { box, head, told, body, why }
}
// Says why a panel is empty, or shows it; returns whether there is something to draw.
const reason = (parts, text) => {
  say(parts.why, text)
  hide(parts.why, !text)
  hide(parts.body, Boolean(text))
  return !text
}
// One stop for Tab in a panel; arrow keys lead from thing to thing as they lie beside each other.
const roving = (body) => {
  const all = () => [...body.querySelectorAll("button.stop:not([hidden])")]
  body.addEventListener("focusin", (event) => all().forEach((one) => { one.tabIndex = one === event.target ? 0 : -1 }))
  body.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key]
    if (event.key !== "Tab") event.stopPropagation()
    if (!step) return
    const from = event.target.getBoundingClientRect(), found = []
    for (const one of all()) {
      const to = one.getBoundingClientRect(), x = (to.x + to.width / 2 - from.x - from.width / 2), y = to.y - from.y
      const along = step[0] ? x * step[0] : y * step[1], across = Math.abs(step[0] ? y : x)
      if (one !== event.target && along > 1) found.push([along + 3 * across, one])
    }
    found.sort((a, b) => a[0] - b[0])
    found[0]?.[1].focus()
    event.preventDefault()
  })
  return () => {
    const stops = all()
    if (stops.length && !stops.some((one) => one.tabIndex === 0)) stops[stops.length - 1].tabIndex = 0
  }
}
