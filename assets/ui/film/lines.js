// Lines over the time of the run. The part after the moment is faint, so that a film can be told up to a point.
const chart = (body, kind) => {
  const svg = shape("svg", { class: "plot " + kind, "aria-hidden": "true" }), layers = {}
  for (const name of ["grid", "later", "other", "line", "mark", "text"]) svg.append(layers[name] = shape("g", { class: name }))
  body.append(svg)
  return { svg, layers }
}
const path = (dots) => dots.reduce((text, [x, y], at) => y === null ? text :
  text + (at && dots[at - 1][1] !== null ? "L" : "M") + x.toFixed(1) + " " + y.toFixed(1), "")
const ticks = (low, high) => {
  const step = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 25, 50].find((one) => (high - low) / one <= 4.5) ?? 100, found = []
  for (let at = Math.ceil(low / step) * step; at <= high + 1e-9; at += step) found.push(Number(at.toFixed(3)))
  return found
}
// Accuracy of every task from when it was learnt; where one falls, the fall is marked at the moment it happens.
const forgettingPanel = (act) => {
  const parts = panel("forgetting", "Forgetting"), { svg, layers } = chart(parts.body, "falls"), worth = 1, told_ = 3, apart = 11  // a fall of a point is marked, and the largest of the moment are named
  const stops = el("div", "ends")
  parts.body.append(stops)
  const settle = roving(parts.body)
  return { ...parts, draw({ film, beside, at, told, size }) {
    say(parts.told, told.forgetting + (beside ? "; dashed: “" + beside.title + "”" : ""))
    const { width, height } = size(parts.body), left = 30, right = width - 34, top = 8, bottom = height - 16
    set(svg, { viewBox: "0 0 " + width + " " + height, width, height })
    const [low, high] = beside ? [Math.min(film.axis[0], beside.axis[0]), Math.max(film.axis[1], beside.axis[1])] : film.axis
    const x = (task) => left + (right - left) * (task + 1) / film.tasks
    const y = (value) => bottom - (bottom - top) * (value - low) / (high - low)
    const rows = film.rows[at] ?? 0, series = (one, k, until) => one.matrix.slice(k, until).map((row, i) => [x(k + i), y(row[k])])
    keyed(layers.grid, ticks(low, high), (v) => v, () => {
      const group = shape("g"); group.append(shape("line"), shape("text")); return group
    }, (group, v) => {
      set(group.children[0], { x1: left, x2: right, y1: y(v), y2: y(v) })
      say(set(group.children[1], { x: left - 5, y: y(v) + 3.5, "text-anchor": "end" }), v + (v === 100 ? " %" : ""))
    })
    keyed(layers.text, film.tasks > 24 ? [] : Array.from({ length: film.tasks }, (_, t) => t), (t) => t, () => shape("text"), (node, t) =>
      say(set(node, { x: x(t), y: height - 3, "text-anchor": "middle", class: t === rows - 1 ? "now" : "" }), String(t + 1)))
    const tasks = film.matrix.map((_, k) => k), falls = []
    for (let t = 1; t < rows; t++) for (let k = 0; k < t; k++) {
      const gap = film.matrix[t - 1][k] - film.matrix[t][k]
      if (gap >= worth) falls.push({ t, k, gap })
    }
    const last = falls.filter((fall) => fall.t === rows - 1).sort((a, b) => b.gap - a.gap).slice(0, told_)
    const hurt = new Set(last.map((fall) => fall.k))
    const line = (node, dots) => set(node, { d: path(dots) })
    keyed(layers.later, tasks, (k) => k, () => shape("path"), (node, k) => line(node, series(film, k)))
    keyed(layers.other, beside ? beside.matrix.map((_, k) => k) : [], (k) => k, () => shape("path"), (node, k) => line(node, series(beside, k, rows)))
    keyed(layers.line, tasks.filter((k) => k < rows), (k) => k, () => shape("path"), (node, k) => {
      line(node, series(film, k, rows))
      set(node, { class: hurt.has(k) ? "hurt" : k === rows - 1 ? "new" : "" })
    })
    keyed(layers.mark, falls, (fall) => fall.t + "-" + fall.k, () => shape("path"), (node, { t, k }) => {
      line(node, [[x(t - 1), y(film.matrix[t - 1][k])], [x(t), y(film.matrix[t][k])]])
      set(node, { class: t === rows - 1 && hurt.has(k) ? "now" : "past" })
    })
    const all = tasks.filter((k) => k < rows).map((k) => ({ k, y: y(film.matrix[rows - 1][k]), gap: last.find((fall) => fall.k === k)?.gap }))
    const named = all.filter((end) => end.gap || end.k === rows - 1), rest = all.filter((end) => !named.includes(end))
    const room = Math.floor((bottom - top) / apart) - named.length, every = Math.ceil(rest.length / Math.max(room, 1))
    const ends = [...named, ...rest.filter((_, i) => i % every === 0)].sort((a, b) => a.y - b.y)  // the rest is reached by the matrix
    ends.forEach((end, i) => { if (i) end.y = Math.max(end.y, ends[i - 1].y + apart) })
    const over = Math.max(0, (ends[ends.length - 1]?.y ?? 0) - bottom)
    for (let i = ends.length - 1, limit = Infinity; over && i >= 0; i--) { ends[i].y = Math.min(ends[i].y - (i === ends.length - 1 ? over : 0), limit); limit = ends[i].y - apart }
    keyed(stops, ends, (end) => end.k, (end) => {
      const made = el("button", "stop")
      made.type = "button"
      made.tabIndex = -1
      made.onclick = () => act("line", { of: end.k })
      return made
    }, (node, end) => {
      node.className = "stop" + (end.gap ? " hurt" : end.k === rows - 1 ? " new" : "")
      node.style.transform = "translate(" + (x(rows - 1) + 4).toFixed(1) + "px," + (end.y - 7).toFixed(1) + "px)"
      say(node, (end.k + 1) + (end.gap ? "  " + points(-end.gap) : ""))
      set(node, { "aria-label": "Task " + (end.k + 1) + ": " + number(film.matrix[rows - 1][end.k], 1) + " %" + (end.gap ? ", lost " + points(end.gap) + " points now" : "") })
    })
    settle()
  } }
}
