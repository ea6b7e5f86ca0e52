// Weights from watched concepts to watched classes. A concept keeps its row from the first beat to the last.
const weightsPanel = (act) => {
  const parts = panel("weights", "Concept weights"), grid = el("div", "cells"), below = el("output", "hint")
  const scroll = el("div", "scroll")
  set(grid, { role: "figure", "aria-label": "Weights from watched concepts, a row each, to watched classes" })
  scroll.append(grid)
  parts.body.append(scroll, below)
  const settle = roving(parts.body)
  let state = null
  const read = (film, at) => new Map((film.frames[at]?.concepts ?? []).map((one) => [one[0], one]))
  const words = (k, c) => {
    const { film, now, then } = state, value = now.get(k)?.[4][c], old = then?.get(k)?.[4][c]
    const told = "“" + film.concepts[k].text + "” for " + film.classes[film.columns[c]] + ": "
    return value === null || value === undefined ? told + "not learnt yet" :
      told + number(value, 2, true) + (old === null || old === undefined ? "" : ", before " + number(old, 2, true))
  }
  grid.addEventListener("pointerover", (event) => {
    const at = event.target.dataset.at?.split(" ").map(Number)
    say(below, at && state ? words(...at) : state?.rest ?? "")
  })
  return { ...parts, draw({ film, at, against, told, earlier, probe }) {
    say(parts.told, told.weights)
    const frame = film.frames[at], empty = film.missing.weights ?? frame?.why.trouble
    if (!reason(parts, empty || (!frame ? "Nothing was looked at at this moment." : frame.concepts.length ? "" : "No concept is watched."))) return
    const past = against ?? earlier(at), now = read(film, at), then = past === null ? null : read(film, past)
    const columns = film.columns, own = film.probes[probe]?.class
    state = { film, now, then, rest: frame.moved === null ? "" : "The head changed by " + number(100 * frame.moved, 1) + " % since the beat before." }
    say(below, state.rest)
    grid.style.setProperty("--n", columns.length)
    grid.style.setProperty("--rows", film.concepts.length)
    const items = [{ key: "corner" }, ...columns.map((c) => ({ key: "class" + c, position: c }))]
    film.concepts.forEach((concept, k) => {
      items.push({ key: "concept" + k, concept, k })
      columns.forEach((_, c) => items.push({ key: k + "-" + c, k, c }))
    })
    keyed(grid, items, (item) => item.key, (item) => {
      if (item.concept) {
        const made = el("button", "stop name", item.concept.text)
        made.type = "button"
        made.tabIndex = -1
        made.title = item.concept.text
        made.onclick = () => act("concept", { text: item.concept.text })
        return made
      }
      if (item.position === undefined) return el("i")
      const made = el("b"), name = el("span", "", film.classes[item.position])
      made.title = film.classes[item.position]
      made.append(name)
      return made
    }, (node, item) => {
      if (item.position !== undefined) node.className = item.position === own ? "own" : ""
      else if (item.concept) {
        const found = now.get(item.k), changed = columns.filter((_, c) => differs(item.k, c)).length
        node.classList.toggle("gone", !found)
        set(node, { "aria-label": item.concept.text + (found ? ", " + (changed ? changed + " weights changed" : "unchanged") : ", not watched at this moment") })
      } else if (item.c !== undefined) {
        const value = now.get(item.k)?.[4][item.c] ?? null, old = then?.get(item.k)?.[4][item.c] ?? null
        const shown = against === null || value === null ? value : old === null ? null : value - old
        if (node.dataset.at === undefined) node.dataset.at = item.k + " " + item.c
        const colour = shown === null ? "" : signed(shown / film.scale)
        if (node.dataset.ink !== colour) node.style.background = node.dataset.ink = colour
        node.className = (value === null ? "unknown" : "") + (differs(item.k, item.c) ? " changed" : "")
      }
    })
    function differs(k, c) {
      const value = now.get(k)?.[4][c], old = then?.get(k)?.[4][c]
      return typeof value === "number" && typeof old === "number" && Math.abs(value - old) >= film.changed
    }
    settle()
  } }
}
