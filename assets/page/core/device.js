// What this page says of itself where sessions are listed.

const BROWSERS = [['Firefox', /Firefox\//], ['Edge', /Edg\//], ['Opera', /OPR\//], ['Chrome', /Chrome\//], ['Safari', /Safari\//]]
const SYSTEMS = [['Android', /Android/], ['iPhone', /iPhone/], ['iPad', /iPad/], ['Windows', /Windows/], ['macOS', /Mac OS/], ['Linux', /Linux/]]

/** Such as `page in Firefox on Linux`. */
export function device(agent = navigator.userAgent) {
  const known = list => list.find(([, sign]) => sign.test(agent))?.[0]
  const [browser, system] = [known(BROWSERS), known(SYSTEMS)]
  return ['page', browser && `in ${browser}`, system && `on ${system}`].filter(Boolean).join(' ')
}
