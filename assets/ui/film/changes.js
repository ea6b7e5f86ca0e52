// What changed between two moments, in words: the largest of each kind first.
const MOST_OF_A_KIND = 4
const changes = (film, from, to) => {
  const found = [], largest = (list) => list.sort((a, b) => b.size - a.size).slice(0, MOST_OF_A_KIND).map((one) => one.text)
  const accuracy = [], old = film.rows[from], rows = film.rows[to]
  for (let k = 0; k < Math.min(old, rows); k++) {
    const before = film.matrix[old - 1][k], now = film.matrix[rows - 1][k], gap = now - before
    if (Math.abs(gap) >= 0.05) accuracy.push({ size: Math.abs(gap), text: "Task " + (k + 1) + ": " + number(before, 0) + " → " + number(now, 0) + " % (" + points(gap) + ")" })
  }
  if (rows > old) found.push((rows - old === 1 ? "Task " + rows + " was" : "Tasks " + (old + 1) + " to " + rows + " were") + " learnt")
  found.push(...largest(accuracy))
  const one = film.frames[from], other = film.frames[to]
  if (!one || !other) return found
  const answers = [], margins = [], weights = []
  for (const probe of other.probes) {
    const was = one.probes.find((before) => before[0] === probe[0])
    if (!was) continue
    const name = probeName(film, probe[0]), gap = probe[MARGIN] - was[MARGIN]
    if (probe[TAKEN] !== was[TAKEN] && probe[TAKEN] >= 0 && was[TAKEN] >= 0) answers.push({ size: 1, text: "A picture of " + name + ": " + film.classes[was[TAKEN]] + " → " + film.classes[probe[TAKEN]] })
    if (probe[MARGIN] !== null && was[MARGIN] !== null && Math.abs(gap) >= 0.05) margins.push({ size: Math.abs(gap), text: "Margin of " + name + ": " + number(was[MARGIN], 1) + " → " + number(probe[MARGIN], 1) })
  }
  for (const concept of other.concepts) {
    const was = one.concepts.find((before) => before[0] === concept[0])
    concept[4].forEach((value, c) => {
      const before = was?.[4][c] ?? null, gap = value - before
      if (before !== null && value !== null && Math.abs(gap) >= film.changed) weights.push({ size: Math.abs(gap), text: "“" + film.concepts[concept[0]].text + "” for " + film.classes[film.columns[c]] + ": " + number(before, 2, true) + " → " + number(value, 2, true) })
    })
  }
  const fooled = [one, other].map((frame) => frame.probes.filter((probe) => probe[FOOLED]).length)
  found.push(...largest(answers), ...largest(weights), ...largest(margins))
  found.push("Fooled: " + fooled[0] + " of " + one.probes.length + " → " + fooled[1] + " of " + other.probes.length)
  return found
}
const changesPanel = (act) => {
  const parts = panel("changes", "What changed"), list = el("ul"), close = el("button", "", "Close")
  close.type = "button"
  close.onclick = () => act("against", null)
  parts.head.append(close)
  parts.body.append(list)
  set(parts.body, { tabindex: 0, role: "group", "aria-label": "What changed" })
  return { ...parts, draw({ film, at, against }) {
    hide(parts.box, against === null)
    if (against === null) return
    const [from, to] = [Math.min(at, against), Math.max(at, against)]
    say(parts.told, named(film.moments[from]) + " → " + named(film.moments[to]).toLowerCase())
    reason(parts, "")
    const found = from === to ? ["It is the same moment."] : changes(film, from, to)
    keyed(list, found.length ? found : ["Nothing that is watched."], (_, i) => i, () => el("li"), (node, text) => say(node, text))
  } }
}
