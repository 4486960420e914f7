// What a search finds in a text, to be shown there: words are compared as the server does it (titan-core/src/text/sought), by their
// letters without case, accents and what nobody sees. Pure, and linear in the text for each word.

import { SPACELESS } from './mention.js'

const WORDS_MOST = 40
/** What is a word by itself though no script without spaces has it: what belongs to their words, and pictures. */
const SINGLE = /[\u3005-\u3007\u30fc\p{Extended_Pictographic}]/u
const LETTER = /[\p{L}\p{N}\p{M}]/u
/** Accents and vowel points, and what nobody sees; not the marks that make another syllable, as the voicing of kana. */
const NOTHING = /(?![\u3099\u309a])[\p{Script=Inherited}\p{Cf}\u0640]|(?=[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}])\p{Mn}/gu
const PLAIN = { ł: 'l', ø: 'o', đ: 'd', ð: 'd', ħ: 'h', ŧ: 't', æ: 'ae', œ: 'oe', þ: 'th', ى: 'ي', ی: 'ي', ک: 'ك', ة: 'ه', ہ: 'ه' }

/** To upper case and back: ß is written out in capitals, as ss. */
const oneCase = text => text.toLowerCase().toUpperCase().toLowerCase()
const bare = text => text.normalize('NFKD').replace(NOTHING, '')
const foldedLetter = letter => letter < '\u0080' ? letter.toLowerCase() : [...bare(oneCase(bare(letter)))].map(one => PLAIN[one] ?? one).join('').normalize('NFC')

/** A text as it is compared, and from which place of the text each unit of that comes. */
function folded(text) {
  const units = [], from = []
  let at = 0
  for (const letter of text.normalize('NFC') === text ? text : composed(text)) {
    for (const unit of foldedLetter(letter).split('')) { units.push(unit); from.push(at) }
    at += letter.length
  }
  from.push(at)
  return { plain: units.join(''), from }
}

/** Letters with the marks that belong to them: what is composed of several compares as the one it looks like. */
const composed = text => text.match(/\P{M}\p{M}{0,30}|\p{M}/gsu) ?? []

/** Where the words of a query stand in a text: stretches [from, to) in order, none over another. */
export function sought(text, query) {
  const words = query.split(/\s+/).slice(0, WORDS_MOST).map(word => folded(word).plain).filter(Boolean)
  const { plain, from } = folded(text)
  const found = []
  for (const word of new Set(words)) {
    for (let at = plain.indexOf(word); at >= 0; at = plain.indexOf(word, at + word.length)) {
      if (beginsAt(plain, at)) found.push([from[at], endOf(from, at + word.length)])
    }
  }
  return merged(found.sort(([one], [other]) => one - other))
}

function beginsAt(plain, at) {
  const before = [...plain.slice(Math.max(0, at - 2), at)].at(-1)
  return standsAlone(String.fromCodePoint(plain.codePointAt(at))) || before === undefined || !LETTER.test(before) || standsAlone(before)
}

const standsAlone = letter => SPACELESS.test(letter) || SINGLE.test(letter)

/** A letter that became several is marked whole. */
function endOf(from, at) {
  let end = at
  while (end < from.length - 1 && from[end] === from[at - 1]) end++
  return from[end]
}

function merged(stretches) {
  const all = []
  for (const [from, to] of stretches) {
    const last = all.at(-1)
    if (last && from <= last[1]) last[1] = Math.max(last[1], to)
    else all.push([from, to])
  }
  return all
}
