export default function ({ parentElement, data, setTriggerValue }) {
  const rows = parentElement.querySelector(".rows")
  if (!rows.childElementCount) {
    data.rows.forEach(({ key, name, gap, values }) => {
      const row = document.createElement("div"), label = document.createElement("span")
      const set = document.createElement("div"), was = document.createElement("i")
      row.className = gap ? "row gap" : "row"
      label.className = "name"
      set.className = "values"
      set.setAttribute("role", "radiogroup")
      set.setAttribute("aria-label", name)
      label.append(name[0].toUpperCase() + name.slice(1), was)
      values.forEach(([word, paint, told]) => {
        const button = document.createElement("button")
        button.type = "button"
        button.dataset.value = word
        button.setAttribute("role", "radio")
        button.title = word
        button.className = told ? "word" : "swatch"
        if (!told) { button.style.background = paint; button.ariaLabel = word }
        else {
          if (paint) { const dot = document.createElement("b"); dot.style.background = paint; button.append(dot) }
          button.append(word)
        }
        set.append(button)
      })
      row.append(label, set)
      row.dataset.key = key
      rows.append(row)
    })
  }
  const mark = (row, now, was) => {
    row.classList.toggle("changed", now !== was)
    row.querySelector("i").textContent = now !== was ? "was " + was : ""
    row.querySelectorAll("button").forEach((button) => {
      const on = button.dataset.value === now
      button.setAttribute("aria-checked", String(on))
      button.tabIndex = on ? 0 : -1
      button.classList.toggle("was", button.dataset.value === was)
    })
  }
  data.rows.forEach(({ key, now, was }, at) => {
    const row = rows.children[at]
    mark(row, now, was)
    const buttons = [...row.querySelectorAll("button")]
    const pick = (button) => {
      mark(row, button.dataset.value, was)
      setTriggerValue("picked", key + ":" + button.dataset.value)
    }
    buttons.forEach((button, i) => {
      button.onclick = () => pick(button)
      button.onkeydown = (event) => {
        const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key]
        if (!step) return
        event.preventDefault()
        event.stopPropagation()
        const next = buttons[(i + step + buttons.length) % buttons.length]
        next.focus()
        pick(next)
      }
    })
  })
}
