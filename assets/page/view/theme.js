// Dark or light: as the system has it, unless its user chose. The choice is applied before painting by /page/theme.js.

export const themes = [['system', 'As the system has it'], ['light', 'Light'], ['dark', 'Dark']]

export function theme() {
  return document.documentElement.dataset.theme ?? 'system'
}

export function setTheme(chosen) {
  const { dataset } = document.documentElement
  if (chosen === 'system') delete dataset.theme
  else dataset.theme = chosen
  try {
    if (chosen === 'system') localStorage.removeItem('titan.theme')
    else localStorage.setItem('titan.theme', chosen)
  } catch {
    // Without storage it lasts until the page closes.
  }
}

/** The other one than what is shown now. */
export function switchTheme() {
  const dark = theme() === 'dark' || (theme() === 'system' && matchMedia('(prefers-color-scheme: dark)').matches)
  setTheme(dark ? 'light' : 'dark')
}
