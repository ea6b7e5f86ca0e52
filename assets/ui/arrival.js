export default function ({ parentElement, data }) {
  if (parentElement.led === data.key) return
  parentElement.led = data.key
  const began = performance.now(), still = matchMedia("(prefers-reduced-motion: reduce)").matches
  let over = false, seen = 0
  const end = () => { over = true }
  const signs = ["wheel", "touchmove", "keydown", "pointerdown"]
  signs.forEach((sign) => addEventListener(sign, end, { once: true, passive: true }))
  const look = () => {
    const panel = document.querySelector(`.st-key-${data.key}`), head = panel && panel.querySelector("h2")
    if (head && !over) {
      const top = panel.getBoundingClientRect().top
      if (!seen || Math.abs(top - seen) > 4) {
        panel.scrollIntoView({ block: "start", behavior: still || seen ? "auto" : "smooth" })
        if (!seen) { head.tabIndex = -1; head.focus({ preventScroll: true }) }
      }
      seen = panel.getBoundingClientRect().top || 1
    }
    if (!over && performance.now() - began < data.patience) setTimeout(look, 250)
    else signs.forEach((sign) => removeEventListener(sign, end))
  }
  look()
}
