// Short notices in a corner, and what is only spoken: one polite live region for new messages, one that speaks at once for errors.

import { told } from '../core/fault.js'
import { button, el } from './dom.js'

const SHOWN = 6_000

const corner = el('div', { class: 'notices' })
const polite = el('div', { class: 'unseen', role: 'log', 'aria-live': 'polite', 'aria-relevant': 'additions', 'aria-label': 'New messages' })
const urgent = el('div', { class: 'unseen', role: 'alert' })

export function startNotices() {
  document.body.append(corner, polite, urgent)
}

/** Speaks without showing. A few lines stay, so that quick ones don't push each other out before they are read. */
export function say(text) {
  polite.append(el('p', { text }))
  while (polite.children.length > 5) polite.firstElementChild.remove()
}

export function notice(text, { kind = 'plain', action, press } = {}) {
  const element = el('div', { class: `notice ${kind}` },
    el('p', { text }),
    action && button({ text: action, kind: 'link', press: () => { element.remove(); press() } }),
    button({ label: 'Dismiss', icon: 'close', kind: 'quiet', press: () => element.remove() }))
  corner.append(element)
  if (kind === 'error') urgent.textContent = text
  else say(text)
  setTimeout(() => element.remove(), kind === 'error' ? 2 * SHOWN : SHOWN)
}

/** Nothing of what was said inside is shown outside. */
export function clearNotices() {
  for (const part of [corner, polite, urgent]) part.replaceChildren()
}

export const complain = error => notice(told(error), { kind: 'error' })

/** Does something that may be refused, and says so. Gives undefined then. */
export async function attempt(work, done) {
  try {
    const result = await work()
    if (done) notice(done)
    return result ?? true
  } catch (error) {
    complain(error)
    return undefined
  }
}
