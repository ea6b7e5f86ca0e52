export default function ({ parentElement, data, setTriggerValue }) {
  const grid = parentElement.querySelector(".grid")
  grid.style.setProperty("--thumb", data.width + "px")
  const before = grid.dataset.shown
  const now = JSON.stringify(data.items.map((item) => item.slice(0, 1).concat(item.slice(2))))
  if (before !== now) {
    grid.replaceChildren(...data.items.map(([ref, address, title, note, tone]) => {
      const button = document.createElement("button")
      button.type = "button"
      button.className = tone
      const image = document.createElement("img")
      image.alt = ""  // the words below already name the button
      const top = document.createElement("b"), below = document.createElement("span")
      top.textContent = title
      below.textContent = note
      button.append(image, top, below)
      button.dataset.ref = ref
      return button
    }))
    grid.dataset.shown = now
  }
  data.items.forEach(([ref, address], at) => {
    const button = grid.children[at]
    if (button.firstChild.src !== address) button.firstChild.src = address
    button.setAttribute("aria-pressed", String(ref === data.chosen))
    button.onclick = () => setTriggerValue("picked", ref)
  })
}
