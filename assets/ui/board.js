const FIRST = "Arrow keys move it, Enter renames it, Delete leaves it out."
const PAUSE_MS = 450

const part = (name, inside = "", kind = "div") => {
  const made = document.createElement(kind)
  made.className = name
  made.textContent = inside
  return made
}

function chip(one, out, acts) {
  const root = part("chip"), name = part("name", one.name, "span"), note = part("note", one.note, "small")
  root.draggable = true
  root.tabIndex = 0
  root.setAttribute("role", "listitem")
  root.dataset.source = one.source
  root.title = one.name === one.source ? one.name : `${one.name}, in the data ${one.source}`
  const button = (word, title, act) => {
    const made = part("act", word, "button")
    made.type = "button"
    made.tabIndex = -1
    made.title = title
    made.setAttribute("aria-label", `${title}: ${one.name}`)
    made.onclick = act
    return made
  }
  const away = () => acts.put(one.source, out ? "back" : "out")
  root.append(name, note, ...(out ? [] : [button("\u270e", "Rename", () => rename(root, one, acts))]),
    button(out ? "\u21a9" : "\u00d7", out ? "Take it back in" : "Leave it out", away))
  root.ondragstart = (event) => {
    acts.dragged = one.source
    event.dataTransfer.effectAllowed = "move"
    event.dataTransfer.setData("text/plain", one.name)
    root.classList.add("dragged")
  }
  root.ondragend = () => root.classList.remove("dragged")
  root.ondblclick = () => { if (!out) rename(root, one, acts) }
  root.onkeydown = (event) => {
    if (event.target !== root) return
    const way = { ArrowLeft: "before", ArrowRight: "after", ArrowUp: "up", ArrowDown: "down" }[event.key]
    if (way && !out) acts.put(one.source, way)
    else if (event.key === "Delete" || event.key === "Backspace") away()
    else if ((event.key === "Enter" || event.key === "F2") && !out) rename(root, one, acts)
    else return
    event.preventDefault()
    event.stopPropagation()
  }
  return root
}

function rename(root, one, acts) {
  const input = document.createElement("input")
  input.value = one.name
  input.maxLength = 200
  input.setAttribute("aria-label", `New name of ${one.source}`)
  root.draggable = false
  root.querySelector(".name").replaceWith(input)
  input.focus()
  input.select()
  let done = false
  const end = (keep) => {
    if (done) return
    done = true
    acts.name(one.source, keep ? input.value.trim() || one.source : one.name)
  }
  input.onkeydown = (event) => {
    event.stopPropagation()
    if (event.key === "Enter") end(true)
    else if (event.key === "Escape") end(false)
  }
  input.onblur = () => end(true)
}

class Board {
  constructor(root, send) {
    this.root = root
    this.send = send
    this.dragged = null
    this.tasks = []
    this.out = []
    this.refused = 0
  }

  show(data) {
    const given = JSON.stringify(data)
    if (given === this.given) return
    this.given = given
    const here = JSON.stringify({ tasks: this.tasks, out: this.out, refused: this.refused })
    this.refused = data.refused
    if (given === here) return  // the answer to what was done here: nothing jumps, and the focus stays
    clearTimeout(this.waiting)
    const focused = this.root.querySelector(".chip:focus")?.dataset.source
    this.tasks = data.tasks.map((classes) => [...classes])
    this.out = [...data.out]
    this.draw(focused)
  }

  find(source) {
    for (const list of [...this.tasks, this.out]) {
      const at = list.findIndex((one) => one.source === source)
      if (at >= 0) return [list, at]
    }
    return [null, -1]
  }

  put(source, way) {
    const [list, at] = this.find(source)
    const task = this.tasks.indexOf(list), one = list[at]
    if (way === "up" || way === "down") {
      const to = at + (way === "up" ? -1 : 1)
      if (to < 0 || to >= list.length) return
      list.splice(at, 1)
      list.splice(to, 0, one)
    } else {
      const aim = way === "out" ? this.out : way === "back" ? this.tasks.at(-1) ?? (this.tasks[0] = [])
        : this.tasks[task + (way === "before" ? -1 : 1)] ?? (way === "after" && list.length > 1 ? this.more() : null)
      if (!aim) return
      list.splice(at, 1)
      aim.splice(way === "before" || way === "after" ? Math.min(at, aim.length) : aim.length, 0, one)
    }
    this.changed(source)
  }

  more() {
    this.tasks.push([])
    return this.tasks.at(-1)
  }

  drop(list, at) {
    const [from, was] = this.find(this.dragged)
    if (!from) return
    const [one] = from.splice(was, 1)
    list.splice(from === list && was < at ? at - 1 : at, 0, one)
    this.changed(one.source)
  }

  name(source, name) {
    const [list, at] = this.find(source)
    const same = list[at].name === name
    list[at] = { ...list[at], name }
    if (same) this.draw(source)
    else this.changed(source)
  }

  changed(source) {
    this.tasks = this.tasks.filter((list) => list.length)
    this.draw(source)
    clearTimeout(this.waiting)
    this.waiting = setTimeout(() => this.send({
      tasks: this.tasks.map((list) => list.map((one) => [one.source, one.name])),
      out: this.out.map((one) => one.source),
    }), PAUSE_MS)
  }

  draw(focus) {
    const columns = this.tasks.map((list, task) => this.column(`Task ${task + 1}`, list, false))
    const fresh = []
    columns.push(this.column("New task", fresh, false, () => { if (!this.tasks.includes(fresh)) this.tasks.push(fresh) }))
    columns.push(this.column("Left out", this.out, true))
    this.root.replaceChildren(...columns)
    if (focus) [...this.root.querySelectorAll(".chip")].find((one) => one.dataset.source === focus)?.focus()
  }

  column(title, list, out, first = () => {}) {
    const root = part(`column${out ? " out" : ""}${list.length ? "" : " empty"}`), inside = part("list")
    const count = list.length ? ` \u00b7 ${list.length}` : ""
    root.append(part("title", title + count, "b"), inside)
    inside.setAttribute("role", "list")
    inside.setAttribute("aria-label", title)
    inside.append(...list.map((one) => chip(one, out, this)))
    if (list.length && !out) inside.firstChild.setAttribute("aria-description", FIRST)
    root.ondragover = (event) => { event.preventDefault(); root.classList.add("over") }
    root.ondragleave = () => root.classList.remove("over")
    root.ondrop = (event) => {
      event.preventDefault()
      const chips = [...inside.children]
      const at = chips.findIndex((one) => {
        const box = one.getBoundingClientRect()
        return event.clientY < box.top + box.height / 2
      })
      first()
      this.drop(list, at < 0 ? list.length : at)
    }
    return root
  }
}

export default function ({ parentElement, data, setTriggerValue }) {
  const root = parentElement.querySelector(".board")
  root.board ??= new Board(root, (layout) => setTriggerValue("arranged", layout))
  root.board.send = (layout) => setTriggerValue("arranged", layout)
  root.board.show(data)
}
