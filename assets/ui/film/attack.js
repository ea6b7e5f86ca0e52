// The same pictures under a short attack: how far attention moves, what it does to the margin, and how many are fooled.
const MEASURES = ["Attention, mean difference", "Attention, root mean square", "Attention, 1 − cosine", "Attention, 1 − overlap", "Attention moves, in patches"]
const attackPanel = (act) => {
  const parts = panel("attack", "Under attack"), lines = el("div", "series"), pair = el("div", "pair")
  const select = el("select")
  set(select, { "aria-label": "How a shift of attention is measured" })
  MEASURES.forEach((name, at) => { const one = el("option", "", name); one.value = at; select.append(one) })
  select.onchange = () => act("measure", Number(select.value))
  const kinds = { shift: "", margin: "Margin", fooled: "Fooled" }
  const charts = Object.entries(kinds).map(([kind, title]) => {
    const box = el("div", "serie"), head = el("p", "of", title), value = el("span"), parts_ = [el("span", "one"), el("span", "other")]
    value.append(...parts_)
    if (kind === "shift") head.append(select)
    head.append(value)
    box.append(head)
    lines.append(box)
    return { kind, box, value, ...chart(box, kind) }
  })
  const shots = ["clean", "attacked"].map((name, at) => {
    const made = el("button", "stop shot"), words = el("span", "words")
    made.type = "button"
    made.tabIndex = -1
    words.append(el("b", "", name === "clean" ? "Untouched" : "Attacked"), el("span"))
    made.append(picture(), words)
    made.onclick = () => act(at ? "attack" : "picture", { ref: made.dataset.ref })
    pair.append(made)
    return made
  })
  const note = el("p", "note")
  parts.body.append(lines, pair, note)
  const settle = roving(pair)
  const turned = (film, shift, measure) => {  // so that more is further, whatever the measure
    const value = shift?.[measure] ?? null
    return value === null || film.grows[measure] ? value : 1 - value
  }
  const mean = (values) => { const known = values.filter((v) => v !== null && v !== undefined); return known.length ? known.reduce((a, b) => a + b, 0) / known.length : null }
  const series = (film, kind, which, guide, measure) => film.frames.map((frame) => {
    if (!frame) return { all: null, one: null, other: null }
    const probe = frame.probes.find((one) => one[0] === which)
    const tried = frame.probes.filter((one) => one[ATTACKED] >= 0)
    if (kind === "shift") return { all: mean(frame.probes.map((one) => turned(film, one[SHIFT[guide]], measure))), one: probe ? turned(film, probe[SHIFT[guide]], measure) : null }
    if (kind === "margin") return { all: null, one: probe?.[MARGIN] ?? null, other: probe?.[MARGIN_ATTACKED] ?? null }
    return { all: tried.length ? 100 * tried.filter((one) => one[FOOLED]).length / tried.length : null, one: null }
  })
  return { ...parts, draw({ film, beside, at, told, probe: which, guide, measure, size }) {
    say(parts.told, told.attack + (beside ? "; dashed: “" + beside.title + "”" : ""))
    const frame = film.frames[at], trouble = film.missing.attack ?? frame?.why.trouble
    if (!reason(parts, trouble || (frame ? frame.why.no_attack && "No attack: " + frame.why.no_attack + "." : "Nothing was looked at at this moment."))) return
    select.value = measure
    const now = probeAt(film, at, which), name = film.probes[which] ? probeName(film, which) : ""
    for (const { kind, box, value, svg, layers } of charts) {
      const found = series(film, kind, which, guide, measure), other = beside ? series(beside, kind, -1, guide, measure) : null
      const { width, height } = size(svg), top = 5, bottom = height - 5, right = width - 4
      set(svg, { viewBox: "0 0 " + width + " " + height })
      const values = [...found, ...(other ?? [])].flatMap((one) => [one.all, one.one, one.other]).filter((v) => v !== null && v !== undefined)
      const low = Math.min(0, ...values), high = kind === "fooled" ? 100 : Math.max(...values, low + 1e-6)
      const y = (v) => v === null || v === undefined ? null : bottom - (bottom - top) * (v - low) / (high - low)
      const dots = (one, list, part) => one.moments.map((moment, i) => [4 + (right - 4) * place(one, moment), y(list[i][part])]).filter((dot) => dot[1] !== null)
      const draw = (layer, lists) => keyed(layer, lists, (one) => one.kind, () => shape("path"), (node, one) => set(node, { d: path(one.dots), class: one.kind }))
      const until = 4 + (right - 4) * place(film, film.moments[at])
      const own = ["all", "one", "other"].map((part) => ({ kind: part, dots: dots(film, found, part) })).filter((one) => one.dots.length)
      draw(layers.later, own)
      draw(layers.line, own.map((one) => ({ ...one, dots: one.dots.filter((dot) => dot[0] <= until + 0.01) })))
      draw(layers.other, other ? [{ kind: "all", dots: dots(beside, other, "all") }] : [])
      keyed(layers.grid, [0], (v) => v, () => shape("line"), (node) => set(node, { x1: 4, x2: right, y1: y(0), y2: y(0) }))
      keyed(layers.mark, [0], (v) => v, () => shape("line"), (node) => set(node, { x1: until, x2: until, y1: 0, y2: height, class: "now" }))
      const here = found[at] ?? {}, shown = kind === "margin" ? [here.one, here.other] : kind === "fooled" ? [null, here.all] : [here.one ?? here.all]
      const spelt = shown.map((v) => v === null || v === undefined ? "" : number(v, kind === "fooled" ? 0 : kind === "shift" ? 2 : 1) + (kind === "fooled" ? " %" : ""))
      say(value.children[0], spelt[0])
      say(value.children[1], spelt[1] ? (spelt[0] ? " → " : "") + spelt[1] : "")
      set(box, { title: kind === "margin" ? "Logit of the class less the largest other one, for " + name + ": untouched, and under attack" : kind === "shift" ? "Of " + name + "; grey: all watched pictures" : "Share of the watched pictures" })
    }
    const about = film.probes[which]
    hide(pair, !now)
    if (now) [0, 1].forEach((attacked) => {
      const node = shots[attacked], taken = now[attacked ? ATTACKED : TAKEN], share = now[attacked ? SHARE_ATTACKED : SHARE]
      const words = taken < 0 ? "" : film.classes[taken] + (taken === about.class ? ", " + sure(share) : "")
      node.dataset.ref = about.ref
      showPicture(node.children[0], about.picture, mapOf(film, now, guide, attacked))
      say(node.children[1].children[1], words)
      node.className = "stop shot" + (taken < 0 || about.class < 0 ? "" : taken === about.class ? " right" : " wrong")
      set(node, { "aria-label": (attacked ? "Attacked: " : "Untouched: ") + words, title: (attacked ? "Attack this picture yourself: " : "Explain this picture: ") + name })
    })
    say(note, frame.why.attack ? frame.why.attack + "; grey: all pictures" : "")
    settle()
  } }
}
