// Names after `@`: where one may begin, what belongs to it, and whose it is. Pure, and linear in what it is given.

/** What a name is made of. */
const LETTER = /[\p{L}\p{N}\p{M}_.-]/u
/** Scripts that put no space between words: a name may stand right beside them. */
const SPACELESS = /[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Hangul}\p{scx=Thai}\p{scx=Lao}\p{scx=Khmer}\p{scx=Myanmar}]/u
const WORD = /[\p{L}\p{N}]/u
/** No name is longer, in letters with their marks; what goes on is none. */
const LONGEST = 200

/** One name, however it is typed. */
export const fold = name => name.normalize('NFC').toLowerCase()

/**
 * The name that stands at `at`, right after an `@`: the longest that `isKnown`, or else all that could be one. Empty where none may begin.
 */
export function nameAt(text, at, isKnown = () => false) {
  const before = lastOf(text, at - 1)
  if (before && WORD.test(before) && !SPACELESS.test(before)) return ''
  const { run, cuts } = runAt(text, at)
  const whole = withoutEnd(run, '.-')
  if (isKnown(whole)) return whole
  const cut = cuts.findLast(end => end < whole.length && isKnown(withoutEnd(run.slice(0, end), '.-')))
  return cut ? withoutEnd(run.slice(0, cut), '.-') : whole
}

/** The letters from there on that a name could have, and where in them it could end. */
function runAt(text, at) {
  const cuts = []
  let end = at
  while (end < text.length && end - at < LONGEST) {
    const letter = String.fromCodePoint(text.codePointAt(end))
    if (!LETTER.test(letter)) break
    if (end > at && SPACELESS.test(letter)) cuts.push(end - at)
    end += letter.length
  }
  return { run: text.slice(at, end), cuts }
}

/** The character that ends at `end`. */
function lastOf(text, end) {
  if (end <= 0) return ''
  const low = text.charCodeAt(end - 1)
  return low >= 0xdc00 && low <= 0xdfff && end > 1 ? text.slice(end - 2, end) : text[end - 1]
}

/** Without those of `letters` that it ends with. A pattern with `$` would look again at every run of them. */
export function withoutEnd(text, letters) {
  let end = text.length
  while (end > 0 && letters.includes(text[end - 1])) end--
  return text.slice(0, end)
}
