// Brings a field of a form into view once the browser has drawn it.
(key, tries) => {
  const look = () => {
    const place = document.querySelector(`.st-key-${key}`)
    if (!place) return tries-- > 0 && setTimeout(look, 100)
    place.scrollIntoView({ block: "center" })
    place.querySelector("input, textarea, [role=combobox]")?.focus({ preventScroll: true })
  }
  look()
}
