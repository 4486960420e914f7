// Addresses in a text: where one begins, where it ends, and what it leads to. Pure, and linear in what it is given.

import { withoutEnd } from './mention.js'

/** A longer one is text: nobody reads it, and looking at it would cost the others. */
const LONGEST = 2_000
const SCHEME = /(?:https?:\/\/|mailto:)/iy
/** Without `http://` only what could hardly be anything else: a file's name or a word after a full stop is no address. */
const BARE = /(?:www\.(?=[\p{L}\p{N}])|(?:[\p{L}\p{N}-]{1,63}\.){1,4}(?:com|org|net|info|edu|gov|dev|app|de|eu)(?![\p{L}\p{N}_@-]|\.[\p{L}\p{N}]))/iuy
const ENDS = /[\s<>"'`]/

/** @returns { text, href, end } of the address that begins at `at`, without `href` where it leads nowhere, or undefined */
export function addressAt(text, at) {
  const scheme = matches(SCHEME, text, at)
  const bare = !scheme && !/[\p{L}\p{N}_@./:-]/u.test(text[at - 1] ?? ' ') && matches(BARE, text, at)
  if (!scheme && !bare) return undefined
  const near = text.slice(at, at + LONGEST + 1)
  const length = near.search(ENDS)
  const run = length < 0 ? near : near.slice(0, length)
  const shown = withoutSentence(run)
  const href = scheme ? shown : `https://${shown}`
  if (run.length > LONGEST || !leads(href)) return { text: run, end: at + run.length }
  return { text: shown, href, end: at + shown.length }
}

function matches(pattern, text, at) {
  pattern.lastIndex = at
  return pattern.test(text)
}

function leads(href) {
  if (!URL.canParse(href)) return false
  const { protocol, pathname } = new URL(href)
  return protocol !== 'mailto:' || pathname.includes('@')
}

/** A full stop or bracket after an address belongs to the sentence: a bracket, if more are closed than were opened. */
function withoutSentence(address) {
  let shown = withoutEnd(address, '.,;:!?*_~')
  let surplus = 0
  for (const letter of shown) surplus += letter === ')' ? 1 : letter === '(' ? -1 : 0
  while (surplus > 0 && shown.endsWith(')')) {
    shown = withoutEnd(shown.slice(0, -1), '.,;:!?')
    surplus--
  }
  return shown
}
