const pressed = new Set()

export default function ({ data }) {
  const button = document.querySelector(`.st-key-${data.key} button`)
  if (button && !pressed.has(data.once)) { pressed.add(data.once); button.click() }
}
