// Marks within a line: `code`, **strong**, *emphasis*, ~~struck~~, addresses, names. Gives plain objects; view/prose.js makes
// elements of them.
//
// Linear, whatever is written: the text is gone through once from the left, and what a mark looks for ahead is remembered, so
// that nothing is looked at again for the next one of its kind.

import { addressAt } from './address.js'
import { nameAt } from './mention.js'

/** Marks within marks go no deeper. */
const DEPTH_MOST = 4
/** Where something may begin. */
const STARTS = /[`*_~@＠]|(?<![\p{L}\p{N}_])(?=https?:\/\/|mailto:|www\.)|(?<=^|[^\p{L}\p{N}_@./:-])(?=[\p{L}\p{N}-]{1,63}\.[\p{L}\p{N}])/giu
const SPACE = /\s/
const WORD = /[\p{L}\p{N}]/u

/**
 * @param isKnown (name) => whether somebody is called that
 * @returns [{ kind: 'text' | 'code' | 'mention', text } | { kind: 'link', text, href } | { kind: 'strong' | 'emphasis' | 'struck', spans }]
 */
export function spans(text, isKnown, depth = 0) {
  const found = []
  const say = said => { if (said) found.push({ kind: 'text', text: said }) }
  const ahead = depth < DEPTH_MOST && new Ahead(text)
  let said = 0
  for (let at = 0; ahead && at < text.length;) {
    STARTS.lastIndex = at
    const start = STARTS.exec(text)
    if (!start) break
    const mark = readAt(text, start.index, ahead, isKnown)
    if (mark.span) {
      say(text.slice(said, start.index))
      found.push(mark.inside === undefined ? mark.span : { ...mark.span, spans: spans(mark.inside, isKnown, depth + 1) })
      said = mark.end
    }
    at = Math.max(mark.end, start.index + 1)
  }
  say(text.slice(said))
  return found
}

/** What begins there: { span, inside, end }, or only where to go on. */
function readAt(text, at, ahead, isKnown) {
  switch (text[at]) {
    case '`': return codeAt(text, at, ahead)
    case '@': case '＠': return mentionAt(text, at, isKnown)
    case '*': return pairAt(text, at, ahead, '**', 'strong') ?? singleAt(text, at, ahead, '*') ?? { end: at + 1 }
    case '_': return singleAt(text, at, ahead, '_') ?? { end: at + 1 }
    case '~': return pairAt(text, at, ahead, '~~', 'struck') ?? { end: at + 1 }
    default: return linkAt(text, at)
  }
}

function codeAt(text, at, ahead) {
  let end = at
  while (text[end] === '`') end++
  const close = end - at <= 3 ? ahead.ticks(end - at, end) : -1
  if (close <= end) return { end }
  return { span: { kind: 'code', text: text.slice(end, close) }, end: close + end - at }
}

function mentionAt(text, at, isKnown) {
  const name = nameAt(text, at + 1, isKnown)
  return name ? { span: { kind: 'mention', text: name }, end: at + 1 + name.length } : { end: at + 1 }
}

function linkAt(text, at) {
  const address = addressAt(text, at)
  if (!address) return { end: at + 1 }
  if (!address.href) return { end: address.end }
  return { span: { kind: 'link', text: address.text, href: address.href }, end: address.end }
}

/** Two signs each: what is within begins and ends with no space, and stays on its line. */
function pairAt(text, at, ahead, sign, kind) {
  if (!text.startsWith(sign, at) || !isFirm(text[at + 2])) return undefined
  const close = ahead.pair(sign, at + 3)
  return close < 0 ? undefined : { span: { kind }, inside: text.slice(at + 2, close), end: close + 2 }
}

/** One sign each, and not within a word: snake_case and 2*3*4 stay as they are. */
function singleAt(text, at, ahead, sign) {
  const [before, first] = [charBefore(text, at), text[at + 1]]
  if (!isFirm(first) || first === sign || before === sign || WORD.test(before)) return undefined
  const close = ahead.single(sign, at + 2)
  if (close < 0 || !isFirm(text[close - 1])) return undefined
  const after = String.fromCodePoint(text.codePointAt(close + 1) || 32)
  if (after === sign || WORD.test(after)) return undefined
  return { span: { kind: 'emphasis' }, inside: text.slice(at + 1, close), end: close + 1 }
}

const isFirm = letter => letter !== undefined && !SPACE.test(letter)

/** The character before, whole where it takes two units. */
function charBefore(text, at) {
  const low = text.charCodeAt(at - 1)
  return low >= 0xdc00 && low <= 0xdfff ? text.slice(Math.max(0, at - 2), at) : text[at - 1] ?? ' '
}

/** Where the next sign that could close stands on the same line. Asked from left to right, and so each sign is looked at once. */
class Ahead {
  constructor(text) {
    this.text = text
    this.known = new Map()
  }

  pair(sign, from) {
    return this.next(sign, from, at => isFirm(this.text[at - 1]))
  }

  single(sign, from) {
    return this.next(`one ${sign}`, from, () => true, sign)
  }

  /** The next run of exactly so many backticks. */
  ticks(number, from) {
    const sign = '`'.repeat(number)
    return this.next(sign, from, at => this.text[at - 1] !== '`' && this.text[at + number] !== '`')
  }

  /** -1 where there is none on this line. */
  next(key, from, fits, sign = key) {
    let at = this.known.get(key) ?? 0
    if (at >= 0 && at < from) at = this.find(sign, from, fits)
    this.known.set(key, at)
    return at >= 0 && at < this.line(from) ? at : -1
  }

  find(sign, from, fits) {
    let at = this.text.indexOf(sign, from)
    while (at >= 0 && !fits(at)) at = this.text.indexOf(sign, at + 1)
    return at
  }

  /** Where the line ends that `at` stands in. */
  line(at) {
    if (this.end === undefined || this.end < at) {
      const end = this.text.indexOf('\n', at)
      this.end = end < 0 ? this.text.length : end
    }
    return this.end
  }
}
