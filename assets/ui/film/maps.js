// A picture with what the model looks at on it. The map is a canvas of one pixel a patch that the browser smooths.
const STRONGEST = 0.78, COLOURS = 128
const bytes = new Map()
const patches = (text) => {
  if (!bytes.has(text)) bytes.set(text, Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0)))
  return bytes.get(text)
}
const picture = () => {
  const box = el("span", "picture"), image = el("img"), canvas = el("canvas")
  image.alt = ""
  image.decoding = "async"
  box.append(image, canvas)
  return box
}
const showPicture = (box, address, map) => {
  const [image, canvas] = box.children
  if (address && image.src !== address) image.src = address
  hide(image, !address)
  hide(canvas, !map)
  box.classList.toggle("mapped", Boolean(map))
  if (!map || canvas.dataset.map === map) return
  canvas.dataset.map = map
  const codes = patches(map), side = Math.round(Math.sqrt(codes.length))
  canvas.width = canvas.height = side
  const drawing = canvas.getContext("2d"), pixels = drawing.createImageData(side, side)
  codes.forEach((value, at) => {
    const share = value ? (value - COLOURS) / (COLOURS - 1) : 0
    pixels.data.set([...(share < 0 ? AGAINST : FOR), Math.round(255 * STRONGEST * Math.abs(share))], 4 * at)
  })
  drawing.putImageData(pixels, 0, 0)
}
const mapOf = (film, probe, guide, attacked) => probe && probe[MAPS[guide][attacked]] >= 0 ? film.maps[probe[MAPS[guide][attacked]]] : ""
const GUIDES = { row: "what it has learnt of the class", text: "the name of the class" }
// The width of a tile with which all fit without scrolling, as large as may be.
const LEAST = 78, LARGEST = 190, BELOW = 34, APART = 7
const tileWidth = (count, { width, height }) => {
  for (let columns = 1; columns <= count; columns++) {
    const tile = Math.min((width - APART * (columns - 1)) / columns, LARGEST)
    if (Math.ceil(count / columns) * (tile / 2 + BELOW) <= height) return Math.max(Math.floor(tile) - 1, LEAST)
  }
  return LEAST
}
// Every watched picture with its map when it was first seen and at this moment.
const attentionPanel = (act) => {
  const parts = panel("attention", "Attention"), strip = el("div", "strip"), note = el("p", "note"), switches = el("div", "switches")
  set(strip, { role: "figure", "aria-label": "Watched pictures and what the model looks at" })
  set(switches, { role: "radiogroup", "aria-label": "The map is guided by" })
  Object.entries({ row: "Learnt", text: "Name" }).forEach(([guide, text]) => {
    const made = el("button", "", text)
    made.type = "button"
    made.title = "Guided by " + GUIDES[guide]
    made.onclick = () => act("guide", guide)
    set(made, { role: "radio", "data-guide": guide })
    switches.append(made)
  })
  parts.head.append(switches)
  parts.body.append(strip, note)
  const settle = roving(parts.body)
  return { ...parts, draw({ film, at, told, probe: chosen, guide, size }) {
    say(parts.told, told.attention)
    const frame = film.frames[at], trouble = film.missing.attention ?? frame?.why.trouble
    for (const made of switches.children) set(made, { "aria-checked": String(made.dataset.guide === guide) })
    hide(switches, Boolean(film.missing.attention))
    if (!reason(parts, trouble || (!frame ? "Nothing was looked at at this moment." : frame.probes.length ? "" : "No picture is watched."))) return
    const why = frame.why.no_map || (guide === "text" ? frame.why.no_text || frame.why.text_fixed : "")
    say(note, why ? why + "." : "")
    hide(note, !why)
    strip.style.gridTemplateColumns = "repeat(auto-fill, minmax(" + tileWidth(frame.probes.length, size(parts.body)) + "px, " + (frame.probes.length < 4 ? LARGEST + "px" : "1fr") + "))"
    keyed(strip, frame.probes, (probe) => probe[0], (probe) => {
      const made = el("button", "stop probe"), words = el("span", "words")
      made.type = "button"
      made.tabIndex = -1
      words.append(el("b"), el("span"))
      made.append(picture(), picture(), words)
      made.onclick = () => act("probe", probe[0])
      made.ondblclick = () => act("map", { ref: film.probes[probe[0]].ref })
      return made
    }, (node, probe) => {
      const which = probe[0], about = film.probes[which], name = probeName(film, which)
      const born = film.frames.findIndex((one) => one?.probes.some((other) => other[0] === which && mapOf(film, other, guide, 0)))
      const [first, now, words] = node.children, map = mapOf(film, probe, guide, 0)
      showPicture(first, about.picture, born < 0 ? "" : mapOf(film, probeAt(film, born, which), guide, 0))
      showPicture(now, about.picture, map)
      hide(first, !map)
      const known = about.class >= 0 && probe[TAKEN] >= 0, right = known && about.class === probe[TAKEN]
      const taken = probe[LOST] || (probe[TAKEN] < 0 ? "" : right ? sure(probe[SHARE]) + " sure" : "taken for " + film.classes[probe[TAKEN]])
      node.className = "stop probe" + (known ? right ? " right" : " wrong" : "")
      say(words.children[0], name)
      say(words.children[1], taken)
      set(node, { "aria-pressed": String(which === chosen), "aria-label": name + (known ? right ? ", right, " : ", wrong, " : ", ") + taken, title: name + ": " + taken })
    })
    settle()
  } }
}
