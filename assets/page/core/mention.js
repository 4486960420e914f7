// Names after `@`: where one may begin, what belongs to it, and whose it is: as the server finds them (titan-core, text/mention.rs).
// Pure, and linear in what it is given.

/** What a name is made of. */
const LETTER = /[\p{L}\p{N}\p{M}_.-]/u
const MARK = /\p{M}/u
const WORD = /[\p{L}\p{N}\p{M}]/u
/** Scripts that put no space between words: a name may stand right beside them. */
export const SPACELESS = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Bopomofo}\p{sc=Hangul}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}\p{sc=Tibetan}\p{sc=Yi}\p{sc=Javanese}\p{sc=Balinese}\p{sc=Tai_Le}\p{sc=New_Tai_Lue}\p{sc=Tai_Tham}\p{sc=Tai_Viet}]/u
/** The others that names are mostly written in: a name ends where another one begins. */
const SPACED = ['Latin', 'Cyrillic', 'Greek', 'Arabic', 'Hebrew', 'Devanagari', 'Bengali', 'Tamil', 'Telugu', 'Armenian', 'Georgian', 'Ethiopic']
  .map(script => new RegExp(`\\p{sc=${script}}`, 'u'))
/** No name is longer, in letters with their marks; what goes on is none. */
const LONGEST = 200
/** What may be the sentence's, at the end of a name. */
const MARKS = '.-_'

/** One name, however it is typed: in each form of Unicode and in either case, Σ at the end of a word too. */
export const fold = name => [...name.normalize('NFKC')].map(letter => letter.toUpperCase().toLowerCase()).join('').normalize('NFC')

/**
 * The name that stands at `at`, right after an `@`: the longest that `isKnown`, or else the one that is most likely meant. Empty where
 * none may begin.
 */
export function nameAt(text, at, isKnown = () => false) {
  const run = runAt(text, at)
  if (isWithinWord(text, at - 1, at + run.length, run)) return ''
  const known = endsOf(run).find(end => isKnown(run.slice(0, end)))
  return run.slice(0, known ?? likely(run))
}

/** The letters from there on that a name could have. */
function runAt(text, at) {
  let end = at
  while (end < text.length && end - at < LONGEST) {
    const letter = String.fromCodePoint(text.codePointAt(end))
    if (!LETTER.test(letter)) break
    end += letter.length
  }
  return text.slice(at, end)
}

/** Whether an `@` is part of an address or of a word. */
function isWithinWord(text, sign, end, run) {
  const isHost = name => withoutEnd(name, MARKS).includes('.')
  // `@ada@example.org`: an account of another system.
  if (text[end] === '@' && isHost(runAt(text, end + 1))) return true
  let local = sign
  while (local > 0 && '._-+%'.includes(text[local - 1])) local--
  const last = lastOf(text, local)
  if (!last || !WORD.test(last)) return false
  return isHost(run) || (local === sign && !SPACELESS.test(last))
}

/** Where a name may end, the longest first: before another script, between letters of a spaceless one, before the sentence's marks. */
function endsOf(run) {
  const ends = new Set()
  const add = end => {
    for (ends.add(end); end > 1 && MARKS.includes(run[end - 1]); end--) ends.add(end - 1)
  }
  let [at, current] = [0, undefined]
  for (const letter of run) {
    const script = MARK.test(letter) ? undefined : scriptOf(letter)
    if (script && current && (script !== current || script === SPACELESS)) add(at)
    current = script ?? current
    at += letter.length
  }
  if (run) add(run.length)
  return [...ends].sort((one, other) => other - one)
}

/** Where the name ends that is meant if nobody is known: up to another script, or the marks of the sentence. */
function likely(run) {
  let [end, alphabet] = [0, undefined]
  for (const letter of run) {
    const script = MARK.test(letter) ? undefined : scriptOf(letter)
    if (script && alphabet && script !== alphabet) break
    alphabet = script ?? alphabet
    end += letter.length
  }
  return withoutEnd(run.slice(0, end), MARKS).length
}

const scriptOf = letter => SPACELESS.test(letter) ? SPACELESS : SPACED.find(script => script.test(letter))

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
