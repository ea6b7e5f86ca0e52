export default function ({ parentElement }) {
  const field = parentElement.querySelector("input"), said = parentElement.querySelector("p")
  field.value = location.href
  parentElement.querySelector("button").onclick = async () => {
    field.value = location.href
    field.select()
    try {
      await navigator.clipboard.writeText(field.value)
      said.textContent = "Copied. It opens this view on this machine."
    } catch {
      said.textContent = "This browser lets no page copy. The link is selected: press Ctrl+C or Cmd+C."
    }
  }
}
