// Words of text and numbers: times, sizes, short lines. Pure.

const time = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' })
const whole = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'short' })
const short = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' })
const day = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' })
const dayOfYear = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' })

export const timeOf = at => time.format(at)
export const wholeTimeOf = at => whole.format(at)
export const shortTimeOf = at => short.format(at)

/** The local day, for telling days apart. */
export const dayKey = at => new Date(at).toDateString()

export function dayName(at, now = Date.now()) {
  if (dayKey(at) === dayKey(now)) return 'Today'
  if (dayKey(at) === dayKey(now - 86_400_000)) return 'Yesterday'
  return (new Date(at).getFullYear() === new Date(now).getFullYear() ? day : dayOfYear).format(at)
}

export function sizeOf(bytes) {
  if (bytes < 1024) return `${bytes} B`
  const units = ['KiB', 'MiB', 'GiB', 'TiB']
  let size = bytes, unit = -1
  while (size >= 1024 && unit < units.length - 1) { size /= 1024; unit++ }
  return `${size.toFixed(size < 10 ? 1 : 0)} ${units[unit]}`
}

export const count = (number, one, many = `${one}s`) => `${number.toLocaleString()} ${number === 1 ? one : many}`

/** Long texts as one short line. */
export function line(text, most = 120) {
  const joined = text.replace(/\s+/g, ' ').trim()
  return joined.length > most ? `${[...joined].slice(0, most - 1).join('')}…` : joined
}

/** How well a name fits a few typed letters: 0 not at all; the beginning is best, then a word's, then anywhere, then scattered. */
export function fits(name, typed) {
  const [hay, needle] = [name.toLowerCase(), typed.toLowerCase()]
  if (!needle) return 1
  const at = hay.indexOf(needle)
  if (at === 0) return 5
  if (at > 0) return /[\s_.-]/.test(hay[at - 1]) ? 4 : 3
  let from = 0
  for (const letter of needle) {
    from = hay.indexOf(letter, from) + 1
    if (from === 0) return 0
  }
  return 2
}
