export default function ({ parentElement, data, setStateValue }) {
  const measure = () => {
    const large = innerWidth >= data.width && innerHeight >= data.height
    if (large !== parentElement.plumageLarge) setStateValue("large", parentElement.plumageLarge = large)
  }
  if (parentElement.plumageLarge === undefined) parentElement.plumageLarge = data.large
  const button = parentElement.querySelector("button"), root = document.documentElement
  button.hidden = !document.fullscreenEnabled
  const say = () => { button.textContent = document.fullscreenElement ? "Leave full screen" : "Full screen" }
  button.onclick = () => document.fullscreenElement ? document.exitFullscreen() : root.requestFullscreen()
  document.addEventListener("fullscreenchange", say)
  addEventListener("resize", measure)
  say()
  measure()
  return () => {
    document.removeEventListener("fullscreenchange", say)
    removeEventListener("resize", measure)
  }
}
