const SPACE = "http://www.w3.org/2000/svg"
const node = (tag, kind, text) => {
  const made = document.createElement(tag)
  if (kind) made.className = kind
  if (text !== undefined) made.textContent = text
  return made
}
const line = (kind, x1, y1, x2, y2) => {
  const made = document.createElementNS(SPACE, "line")
  Object.entries({ class: kind, x1, y1, x2, y2 }).forEach(([name, value]) => made.setAttribute(name, value))
  return made
}
const curve = (one, last) => {
  const box = node("section"), svg = document.createElementNS(SPACE, "svg"), head = node("h3", "", one.name + " ")
  const value = node("span")
  head.append(value)
  const known = one.y.filter((y) => y !== null)
  const low = Math.min(...known, one.zero ? 0 : Infinity), high = Math.max(...known, one.zero ? 0 : -Infinity)
  const place = (y) => 54 - 50 * (y - low) / ((high - low) || 1), across = (x) => 100 * x / (last || 1)
  svg.setAttribute("viewBox", "0 0 100 58")
  svg.setAttribute("preserveAspectRatio", "none")
  svg.setAttribute("role", "img")
  svg.setAttribute("aria-label", one.told)
  if (one.zero) svg.append(line("zero", 0, place(0), 100, place(0)))
  const path = document.createElementNS(SPACE, "polyline")
  path.setAttribute("class", "line")
  path.style.setProperty("--ink", one.colour)
  path.setAttribute("points", one.x.map((x, i) => across(x) + "," + place(one.y[i])).join(" "))
  const now = line("now", 0, 0, 0, 58)
  svg.append(path, now)
  box.append(head, svg)
  return [box, (step) => {
    now.setAttribute("x1", across(step))
    now.setAttribute("x2", across(step))
    const at = one.x.indexOf(step)
    value.textContent = at < 0 ? "" : one.y[at].toFixed(one.digits).replace("-", "−") + one.unit
  }]
}
export default function ({ parentElement, data, setTriggerValue }) {
  const root = parentElement.querySelector(".reel")
  if (root.dataset.name === data.name) {
    if (root.waiting) {  // the slider's own word is on its way; answers to earlier ones are of no interest
      if (data.at === root.told) root.waiting = clearTimeout(root.patience)
    } else if (data.at !== root.told) root.go(data.at)  // a link or the back button
    return
  }
  clearInterval(root.timer)
  clearTimeout(root.soon)
  root.waiting = false
  root.dataset.name = data.name
  root.told = data.at
  const plates = node("div", data.plates.length > 3 ? "plates" : "plates few")
  const bar = node("div", "bar"), curves = node("div", "curves")
  const images = data.plates.map(({ title, note, alt, raw, frames }) => {
    const figure = node("figure", raw ? "raw" : ""), image = node("img"), words = node("figcaption")
    image.alt = alt
    words.append(node("b", "", title), node("span", "", note ? " " + note : ""))
    figure.append(image, words)
    plates.append(figure)
    return (at) => { image.src = frames[Math.min(at, frames.length - 1)] }
  })
  const play = node("button", "", "Play"), slider = node("input"), told = node("output")
  play.type = "button"
  Object.assign(slider, { type: "range", min: 0, max: data.steps.length - 1, step: 1, value: data.at })
  slider.setAttribute("aria-label", "Step of the attack")
  bar.append(play, slider, told)
  const drawn = data.curves.map((one) => curve(one, data.last))
  drawn.forEach(([box]) => curves.append(box))
  const show = (at) => {
    const step = data.steps[at]
    images.forEach((set) => set(at))
    drawn.forEach(([, mark]) => mark(step))
    const head = step === 0 ? "Before the attack: " : "Step " + step + " of " + data.last + ": "
    told.replaceChildren(node("b", "", head), data.says[at])
    slider.setAttribute("aria-valuetext", head + data.says[at])
  }
  const rest = () => {
    root.told = Number(slider.value)
    root.waiting = true
    clearTimeout(root.soon)
    clearTimeout(root.patience)
    root.soon = setTimeout(() => setTriggerValue("step", data.steps[root.told]), data.calm)
    root.patience = setTimeout(() => { root.waiting = false }, data.patience)
  }
  root.go = (at) => { root.told = at; slider.value = at; show(at) }
  const stop = (tell) => {
    if (!root.timer) return
    clearInterval(root.timer)
    root.timer = 0
    play.textContent = "Play"
    if (tell) rest()
  }
  slider.oninput = () => { stop(false); show(Number(slider.value)) }
  slider.onchange = rest
  slider.onkeydown = (event) => event.stopPropagation()
  play.onclick = () => {
    if (root.timer) { stop(true); return }
    const last = Number(slider.max)
    if (Number(slider.value) >= last) slider.value = 0
    show(Number(slider.value))
    play.textContent = "Pause"
    root.timer = setInterval(() => {
      if (!root.isConnected) { clearInterval(root.timer); return }
      slider.value = Number(slider.value) + 1
      show(Number(slider.value))
      if (Number(slider.value) >= last) stop(true)
    }, data.beat)
  }
  root.replaceChildren(plates, bar, ...(data.curves.length ? [curves] : []))
  show(data.at)
}
