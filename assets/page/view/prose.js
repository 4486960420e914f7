// A message's text as elements: what core/markup.js found in it, made of text nodes.

import { blocks } from '../core/markup.js'
import { el } from './dom.js'

/** @param me my username, so that what names me stands out */
export function prose(text, me) {
  const body = el('div', { class: 'prose', dir: 'auto' }, blocks(text).map(block => blockOf(block, me)))
  if (isOnlyEmoji(text)) body.classList.add('large')
  return body
}

function blockOf(block, me) {
  if (block.kind === 'block') return el('pre', { tabindex: 0, 'aria-label': 'Code' }, el('code', { text: block.text }))
  return el(block.kind === 'quote' ? 'blockquote' : 'p', { dir: 'auto' }, spansOf(block.spans, me))
}

const spansOf = (spans, me) => spans.map(span => spanOf(span, me))

function spanOf(span, me) {
  switch (span.kind) {
    case 'code': return el('code', { text: span.text })
    case 'link': return el('a', { href: span.text, target: '_blank', rel: 'noopener noreferrer nofollow', text: span.text })
    case 'mention': return el('span', { class: isMe(span.text, me) ? 'mention me' : 'mention', text: `@${span.text}` })
    case 'strong': return el('strong', {}, spansOf(span.spans, me))
    case 'emphasis': return el('em', {}, spansOf(span.spans, me))
    case 'struck': return el('s', {}, spansOf(span.spans, me))
    default: return document.createTextNode(span.text)
  }
}

const isMe = (name, me) => name.toLowerCase() === me?.toLowerCase()

const isOnlyEmoji = text => text.length <= 24 && /^(\p{Extended_Pictographic}|\p{Emoji_Modifier}|\p{Regional_Indicator}|\u200d|\ufe0f|\s)+$/u.test(text)
