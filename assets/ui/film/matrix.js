// Accuracy on each task after each task, as far as it is known at the moment; with two moments or films, the difference.
const matrixPanel = (act) => {
  const parts = panel("matrix", "Accuracy"), grid = el("div", "cells"), most = 20
  parts.body.append(grid)
  const settle = roving(parts.body)
  const value = (film, row, column) => film?.matrix[row]?.[column] ?? null
  return { ...parts, draw({ film, beside, at, against, told }) {
    say(parts.told, beside ? "Points more than “" + beside.title + "”" : told.matrix)
    const rows = film.rows[at] ?? 0, old = against === null ? null : film.rows[against]
    grid.style.setProperty("--n", film.tasks)
    grid.classList.toggle("many", film.tasks > most)
    const every = film.tasks > most ? Math.ceil(film.tasks / 10) : 1  // heads there is room for
    const shown = (k, now) => k === now || (k % every === 0 && (now === undefined || Math.abs(k - now) >= every)) ? String(k) : ""
    const heads = Array.from({ length: film.tasks }, (_, k) => ({ key: "head" + k, text: shown(k + 1), head: true, area: "1 / " + (k + 2) }))
    const items = [...heads]
    for (let t = 0; t < film.tasks; t++) {
      items.push({ key: "row" + t, text: shown(t + 1, rows), head: true, now: t === rows - 1, area: (t + 2) + " / 1" })
      for (let k = 0; k <= t; k++) items.push({ key: t + "-" + k, t, k })
    }
    keyed(grid, items, (item) => item.key, (item) => {
      const made = el(item.head ? "b" : "button")
      made.style.gridArea = item.area ?? (item.t + 2) + " / " + (item.k + 2)  // nothing stands above the diagonal
      if (!item.head) {
        made.type = "button"
        made.tabIndex = -1
        made.onclick = () => act("cell", { task: item.t, of: item.k })
      }
      return made
    }, (node, item) => {
      if (item.head) { say(node, item.text); node.classList.toggle("now", Boolean(item.now)); return }
      const now = item.t < rows ? value(film, item.t, item.k) : null
      const other = beside ? value(beside, item.t, item.k) : null
      const compared = beside ? now !== null && other !== null : old !== null && item.t === rows - 1 && item.k < old
      const from = beside ? other : value(film, old - 1, item.k)
      node.disabled = now === null
      node.className = now === null ? "" : "stop known" + (item.t === rows - 1 ? " latest" : "")
      const whose = "Task " + (item.k + 1) + " after task " + (item.t + 1) + ": "
      if (now === null) { say(node, ""); node.style.background = node.style.color = ""; set(node, { "aria-label": whose + "not known yet" }); return }
      const gap = compared ? now - from : 0
      say(node, film.tasks > most ? "" : compared ? (Math.abs(gap) < 0.05 ? "0" : points(gap)) : number(now, 0))
      node.style.background = compared ? signed(gap / 20, 0.6) : viridis(now / 100)
      node.style.color = compared ? "inherit" : now / 100 >= FLIP ? "#000" : "#fff"
      set(node, { "aria-label": whose + number(now, 1) + " %" + (compared ? ", " + points(gap) + " points against " + (beside ? beside.title : "before") : "") })
    })
    settle()
  } }
}
