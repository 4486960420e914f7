// What people write, taken apart: ```blocks```, > quotes, paragraphs, and in them the marks of core/inline.js. Gives plain objects;
// view/prose.js makes elements of them. Nothing in a text can make anything else, and none takes longer than its length.

import { spans } from './inline.js'

const FENCE = '```'

/** [{ kind: 'paragraph' | 'quote', spans } | { kind: 'block', text }] */
export function blocks(text, isKnown) {
  const lines = text.split('\n')
  const closes = closings(lines)
  const found = []
  let from = 0
  for (let at = 0; at < lines.length; at++) {
    const close = opens(lines[at]) ? closes[at + 1] : undefined
    if (close === undefined) continue
    found.push(...paragraphs(lines.slice(from, at), isKnown), blockOf(lines.slice(at + 1, close + 1)))
    from = close + 1
    at = close
  }
  return [...found, ...paragraphs(lines.slice(from), isKnown)]
}

/** Where there is room for a line only, the rest of a text is not even read. */
const A_LINE = 600

/** The beginning of a text without its marks: for where there is room for a line only. */
export function plain(text) {
  const flat = spans => spans.map(span => span.spans ? flat(span.spans) : span.kind === 'mention' ? `@${span.text}` : span.text).join('')
  return blocks(text.slice(0, A_LINE)).map(block => block.text ?? flat(block.spans)).join('\n')
}

/** The names after `@` in a text, once each: not in code, not in an address. */
export function mentions(text, isKnown) {
  if (!text.includes('@') && !text.includes('＠')) return []
  const named = spans => spans.flatMap(span => span.spans ? named(span.spans) : span.kind === 'mention' ? [span.text] : [])
  return [...new Set(blocks(text, isKnown).flatMap(block => block.spans ? named(block.spans) : []))]
}

const opens = line => line.startsWith(FENCE) && !line.includes('`', FENCE.length)

/** For each line the first one from there on that ends a block. */
function closings(lines) {
  const found = new Array(lines.length + 1)
  for (let at = lines.length - 1; at >= 0; at--) found[at] = lines[at].trimEnd().endsWith(FENCE) ? at : found[at + 1]
  return found
}

function blockOf(lines) {
  const last = lines.pop().trimEnd().slice(0, -FENCE.length)
  return { kind: 'block', text: (last ? [...lines, last] : lines).join('\n') }
}

function paragraphs(lines, isKnown) {
  let [first, end] = [0, lines.length]
  while (first < end && lines[first] === '') first++
  while (end > first && lines[end - 1] === '') end--
  const found = []
  for (const line of lines.slice(first, end)) {
    const quoted = line.startsWith('>')
    const kind = quoted ? 'quote' : 'paragraph'
    const said = quoted ? line.slice(line[1] === ' ' ? 2 : 1) : line
    if (found.at(-1)?.kind === kind) found.at(-1).lines.push(said)
    else found.push({ kind, lines: [said] })
  }
  return found
    .map(({ kind, lines }) => ({ kind, spans: spans(lines.join('\n'), isKnown) }))
    .filter(({ kind, spans }) => kind === 'quote' || spans.length > 0)
}
