// The chosen theme, before anything is painted: a page that flashes white in the dark is no kindness. Run by <head>, blocking,
// and therefore no module; view/theme.js changes what this reads.
try {
  const chosen = localStorage.getItem('titan.theme')
  if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset.theme = chosen
} catch {
  // No storage: the system's theme it is.
}
