const ANSWERS = [["a", "absent"], ["p", "present"], ["z", "0"], ["n", "\u00b1"], ["", "\u00d7"]]
const TITLES = { a: "Say it is absent", p: "Say it is present", z: "Set the score to zero", n: "Turn the score's sign",
  "": "Leave it as it is" }
const shown = (x) => (Math.abs(x) < 0.005 ? "" : x < 0 ? "\u2212" : "+") + Math.abs(x).toFixed(2)

function build(row) {
  const root = document.createElement("div")
  root.innerHTML = `<div class="name"><span></span><small></small></div><div class="track"><div class="line"></div>
    <div class="seen"></div><div class="tick absent"></div><div class="tick present"></div><div class="was"></div>
    <input type="range" min="0" max="1000" step="1"><div class="now"></div></div><div class="value"></div>
    <div class="set"></div>`
  ANSWERS.forEach(([kind, word]) => {
    const button = document.createElement("button")
    button.type = "button"
    button.textContent = word
    button.title = TITLES[kind]
    button.dataset.kind = kind
    if (!kind) button.className = "undo"
    root.querySelector(".set").append(button)
  })
  return root
}

function fill(root, row, send) {
  const find = (name) => root.querySelector(name)
  const span = row.end - row.start
  const place = (x) => Math.min(100, Math.max(0, 100 * (x - row.start) / span))
  root.className = "row" + (row.kind ? " acted" : row.followed ? " followed" : "")
  find(".name span").textContent = row.name
  find(".name small").textContent = row.note
  find(".seen").style.left = place(row.low) + "%"
  find(".seen").style.width = place(row.high) - place(row.low) + "%"
  find(".absent").style.left = place(row.absent) + "%"
  find(".present").style.left = place(row.present) + "%"
  find(".was").style.left = place(row.was) + "%"
  const input = find("input"), now = find(".now"), value = find(".value")
  const at = (x) => { now.style.left = place(x) + "%"; value.textContent = shown(x) }
  input.value = String(Math.round(10 * place(row.now)))
  input.setAttribute("aria-label", "Score of " + row.name)
  input.setAttribute("aria-valuetext", shown(row.now))
  const score = () => row.start + span * Number(input.value) / 1000
  input.oninput = () => at(score())
  input.onchange = () => send([row.concept, "=", score()])
  at(row.now)
  root.querySelectorAll("button").forEach((button) => {
    const kind = button.dataset.kind
    button.setAttribute("aria-label", TITLES[kind] + ": " + row.name)
    button.setAttribute("aria-pressed", String(kind !== "" && kind === row.kind))
    button.onclick = () => send([row.concept, kind === row.kind ? "" : kind, 0])
  })
}

export default function ({ parentElement, data, setTriggerValue }) {
  const rows = parentElement.querySelector(".rows")
  rows.classList.toggle("narrow", parentElement.clientWidth < 560 || rows.clientWidth < 560)
  while (rows.childElementCount > data.rows.length) rows.lastChild.remove()
  data.rows.forEach((row, at) => {
    if (!rows.children[at]) rows.append(build(row))
    fill(rows.children[at], row, (act) => setTriggerValue("act", act))
  })
}
