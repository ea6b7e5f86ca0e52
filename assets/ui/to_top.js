// Brings the top of the page into view.
() => {
  document.querySelector("[data-testid=stMain]").scrollTo({ top: 0 })
}
