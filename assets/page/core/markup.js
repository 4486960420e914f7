// What people write, taken apart: `code`, ```blocks```, **strong**, *emphasis*, ~~struck~~, > quotes, links, mentions. Gives
// plain objects; view/prose.js makes elements of them. Nothing in a text can make anything else.

const INLINE = new RegExp([
  /(?<!`)(?<code>`{1,3})(?<coded>[^`\n](?:[^\n]*?[^`\n])?)\k<code>(?!`)/,
  /(?<link>https?:\/\/[^\s<>"'`]+)/,
  /(?<![\p{L}\p{N}])@(?<mention>[\p{L}\p{N}_.-]*[\p{L}\p{N}_])/,
  /\*\*(?<strong>\S(?:[^\n]*?\S)?)\*\*/,
  /(?<![\p{L}\p{N}*])\*(?<star>[^\s*](?:[^*\n]*?[^\s*])?)\*(?![\p{L}\p{N}*])/,
  /(?<![\p{L}\p{N}_])_(?<emphasis>[^\s_](?:[^_\n]*?[^\s_])?)_(?![\p{L}\p{N}_])/,
  /~~(?<struck>\S(?:[^\n]*?\S)?)~~/,
].map(part => part.source).join('|'), 'gu')

/** Marks within marks go no deeper. */
const DEPTH_MOST = 4

/** [{ kind: 'paragraph' | 'quote', spans } | { kind: 'block', text }] */
export function blocks(text) {
  const found = []
  const fence = /^```[^\n`]*\n([\s\S]*?)\n?```[ \t]*$/gm
  let at = 0
  for (const match of text.matchAll(fence)) {
    found.push(...paragraphs(text.slice(at, match.index)))
    found.push({ kind: 'block', text: match[1] })
    at = match.index + match[0].length
  }
  return [...found, ...paragraphs(text.slice(at))]
}

/** The text without its marks: for where there is room for a line only. */
export function plain(text) {
  const flat = spans => spans.map(span => span.spans ? flat(span.spans) : span.kind === 'mention' ? `@${span.text}` : span.text).join('')
  return blocks(text).map(block => block.text ?? flat(block.spans)).join('\n')
}

function paragraphs(text) {
  const found = []
  for (const line of text.replace(/^\n+|\n+$/g, '').split('\n')) {
    const quoted = line.match(/^> ?(.*)$/)
    const kind = quoted ? 'quote' : 'paragraph'
    const said = quoted ? quoted[1] : line
    if (found.at(-1)?.kind === kind) found.at(-1).lines.push(said)
    else found.push({ kind, lines: [said] })
  }
  return found
    .map(({ kind, lines }) => ({ kind, spans: spans(lines.join('\n')) }))
    .filter(({ kind, spans }) => kind === 'quote' || spans.length > 0)
}

/** [{ kind: 'text' | 'code' | 'link' | 'mention', text } | { kind: 'strong' | 'emphasis' | 'struck', spans }] */
export function spans(text, depth = 0) {
  const found = []
  const say = said => { if (said) found.push({ kind: 'text', text: said }) }
  if (depth >= DEPTH_MOST) {
    say(text)
    return found
  }
  let at = 0
  for (const match of text.matchAll(INLINE)) {
    say(text.slice(at, match.index))
    at = match.index + match[0].length
    const { coded, link, mention, strong, star, emphasis, struck } = match.groups
    if (coded !== undefined) found.push({ kind: 'code', text: coded })
    else if (link) at -= endOfSentence(link, found)
    else if (mention) found.push({ kind: 'mention', text: mention })
    else if (strong) found.push({ kind: 'strong', spans: spans(strong, depth + 1) })
    else if (star ?? emphasis) found.push({ kind: 'emphasis', spans: spans(star ?? emphasis, depth + 1) })
    else if (struck) found.push({ kind: 'struck', spans: spans(struck, depth + 1) })
    if (link) say(text.slice(at, match.index + match[0].length)), at = match.index + match[0].length
  }
  say(text.slice(at))
  return found
}

/** A full stop or bracket after an address belongs to the sentence. Gives how many characters were not the address's. */
function endOfSentence(link, found) {
  let address = link.replace(/[.,;:!?*_~]+$/, '')
  while (address.endsWith(')') && count(address, ')') > count(address, '(')) address = address.slice(0, -1).replace(/[.,;:!?]+$/, '')
  found.push(URL.canParse(address) ? { kind: 'link', text: address } : { kind: 'text', text: address })
  return link.length - address.length
}

const count = (text, letter) => text.split(letter).length - 1
