// A message's text as elements: what core/markup.js found in it, made of text nodes. A long one shows its beginning, until all of
// it is asked for: nobody else's lines are pushed out of sight, and nobody waits for what isn't read.

import { fold } from '../core/mention.js'
import { blocks } from '../core/markup.js'
import { button, el } from './dom.js'

const LINES_SHOWN = 30
const LETTERS_SHOWN = 2_000
/** Texts that were opened, so that they stay so when their line is drawn again. */
const OPENED_MOST = 50
const opened = new Set()

/** @param reader { store, openName }: who looks at it, and what a press on somebody's name does */
export function prose(text, reader) {
  const shown = opened.has(text) ? text : beginning(text)
  const body = el('div', { class: 'prose', dir: 'auto' }, blocks(shown, name => reader.store.knows(name)).map(block => blockOf(block, reader)))
  if (isOnlyEmoji(text)) body.classList.add('large')
  if (shown.length < text.length) body.append(button({ text: 'Show all of it', kind: 'link', press: () => body.replaceWith(whole(text, reader)) }))
  return body
}

function whole(text, reader) {
  if (opened.size >= OPENED_MOST) opened.clear()
  opened.add(text)
  return prose(text, reader)
}

/** As much of it as is shown at first; all, where only a little more is left. */
function beginning(text) {
  if (text.length <= LETTERS_SHOWN * 1.3 && text.split('\n', LINES_SHOWN * 2).length <= LINES_SHOWN * 1.3) return text
  const lines = text.slice(0, LETTERS_SHOWN).split('\n', LINES_SHOWN)
  return lines.join('\n').toWellFormed?.() ?? lines.join('\n')
}

function blockOf(block, reader) {
  if (block.kind === 'block') return el('pre', { tabindex: 0, 'aria-label': 'Code' }, el('code', { text: block.text }))
  return el(block.kind === 'quote' ? 'blockquote' : 'p', { dir: 'auto' }, spansOf(block.spans, reader))
}

const spansOf = (spans, reader) => spans.map(span => spanOf(span, reader))

function spanOf(span, reader) {
  switch (span.kind) {
    case 'code': return el('code', { text: span.text })
    case 'link': return el('a', { href: span.href, target: '_blank', rel: 'noopener noreferrer nofollow', text: span.text })
    case 'mention': return mentionOf(span.text, reader)
    case 'strong': return el('strong', {}, spansOf(span.spans, reader))
    case 'emphasis': return el('em', {}, spansOf(span.spans, reader))
    case 'struck': return el('s', {}, spansOf(span.spans, reader))
    default: return document.createTextNode(span.text)
  }
}

function mentionOf(called, { store, openName }) {
  const me = store.me && fold(called) === fold(store.me.username)
  const shown = { class: me ? 'mention me' : 'mention', text: `@${called}` }
  if (!openName || !store.knows(called)) return el('bdi', shown)
  return el('button', { type: 'button', tabindex: -1, dir: 'auto', ...shown, on: { click: event => openName(event.currentTarget, called) } })
}

const isOnlyEmoji = text => text.length <= 24 && /^(\p{Extended_Pictographic}|\p{Emoji_Modifier}|\p{Regional_Indicator}|\u200d|\ufe0f|\s)+$/u.test(text)
