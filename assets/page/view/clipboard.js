// Copying: texts of messages, and addresses that others can open.

import { el } from './dom.js'

/** The clipboard is for secure pages only; elsewhere the older way. */
export async function copy(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text)
  const field = el('textarea', { class: 'unseen', value: text })
  document.body.append(field)
  field.select()
  const done = document.execCommand('copy')
  field.remove()
  if (!done) throw new Error('The browser did not let the page copy. Select the text and copy it by hand.')
}

/** An address within the page as one that can be given to somebody. */
export const linkTo = address => new URL(address, document.baseURI).href
