export default function ({ data }) {
  const button = document.querySelector(`.st-key-${data.key} button`)
  if (button && !button.dataset.pressed) { button.dataset.pressed = "yes"; button.click() }
}
