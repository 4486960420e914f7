// The parts that draw nothing, tried by themselves: texts, timelines, hashes, and how the folder is kept.

import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { readFileSync, readdirSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { safeName } from '../../assets/page/core/download.js'
import { clientId } from '../../assets/page/core/ids.js'
import { blocks, mentions, plain } from '../../assets/page/core/markup.js'
import { fold } from '../../assets/page/core/mention.js'
import { LINES_MOST, Segment } from '../../assets/page/core/segment.js'
import { Sha256 } from '../../assets/page/core/sha256.js'
import { sought } from '../../assets/page/core/sought.js'
import { fits, sizeOf } from '../../assets/page/core/text.js'

const FOLDER = fileURLToPath(new URL('../../assets/page', import.meta.url))
const LINES_A_FILE = 500

const files = (folder = FOLDER) => readdirSync(folder).flatMap(name => {
  const path = join(folder, name)
  return statSync(path).isDirectory() ? files(path) : [path]
})

const shown = text => blocks(text).map(({ kind, spans, text }) => text !== undefined ? `${kind}:${text}` : `${kind}:${flat(spans)}`).join('|')
const flat = spans => spans.map(span => span.kind === 'text' ? span.text : `<${span.kind} ${span.spans ? flat(span.spans) : span.text}>`).join('')

/** Every letter that was written is somewhere in what is shown. */
const letters = text => text.replace(/[^\p{L}\p{N}]/gu, '')

test('marks become what they stand for, and all else stays as it was written', () => {
  const expected = {
    'plain': 'paragraph:plain',
    '**a** and *b* and _c_ and ~~d~~': 'paragraph:<strong a> and <emphasis b> and <emphasis c> and <struck d>',
    '**a *b* c**': 'paragraph:<strong a <emphasis b> c>',
    '`*a*` ``b`c``': 'paragraph:<code *a*> <code b`c>',
    'snake_case_name 2*3*4 a**b': 'paragraph:snake_case_name 2*3*4 a**b',
    '> a\n> b\nc': 'quote:a\nb|paragraph:c',
    '```rust\nlet *a* = 1\n```': 'block:let *a* = 1',
    'see https://a.example/x_(y), or (http://b.example).': 'paragraph:see <link https://a.example/x_(y)>, or (<link http://b.example>).',
    'javascript:alert(1) data:text/html,x': 'paragraph:javascript:alert(1) data:text/html,x',
    '@ada, mail@example.org': 'paragraph:<mention ada>, mail@example.org',
    '<b>no</b>': 'paragraph:<b>no</b>',
  }
  for (const [text, wanted] of Object.entries(expected)) assert.equal(shown(text), wanted)
})

test('what was searched for is marked where the server finds it, in every script and form', () => {
  const shown = (text, query) => {
    let at = 0, said = ''
    for (const [from, to] of sought(text, query)) { said += `${text.slice(at, from)}[${text.slice(from, to)}]`; at = to }
    return said + text.slice(at)
  }
  for (const [text, query, wanted] of [
    ['Which book? Books, notebook', 'book', 'Which [book]? [Book]s, notebook'],
    ['私は東京に住んでいます', '東京', '私は[東京]に住んでいます'],
    ['ฉันอยู่กรุงเทพ', 'กรุง', 'ฉันอยู่[กรุง]เทพ'],
    ['Die Straße, die STRASSE', 'strass', 'Die [Straß]e, die [STRASS]E'],
    ['cafe\u0301 Café CAFE', 'café', '[cafe\u0301] [Café] [CAFE]'],
    ['جاء مُحَمَّد اليوم', 'محمد', 'جاء [مُحَمَّد] اليوم'],
    ['Zażółć gęślą łódź', 'zazolc lodz', '[Zażółć] gęślą [łódź]'],
    ['ＡＢＣ　wide', 'abc', '[ＡＢＣ]　wide'],
    ['कि की', 'कि', '[कि] की'],
    ['half😀moon', '😀', 'half[😀]moon'],
    ['a+b (a.b)', 'a.b', 'a+b ([a.b])'],
    ['co\u00adoperate', 'cooperate', '[co\u00adoperate]'],
    ['nothing', '', 'nothing'],
  ]) assert.equal(shown(text, query), wanted, query)
  for (const text of ['a', 'ß', '字', 'a\u0301', '\u0301', '😀', 'ﷺ', '\ud800']) {
    const [long, began] = [text.repeat(16_000 / text.length), performance.now()]
    sought(long, `${text} ${text}${text}`)
    assert.ok(performance.now() - began < 2_000, text)
  }
})

test('a line of a text has no marks', () => {
  assert.equal(plain('**a** `b`\n> c @d\n```\ne\n```'), 'a b\nc @d\ne')
})

test('no text is lost, none takes long, whatever is written', () => {
  const pieces = ['*', '**', '_', '`', '```', '\n', '> ', '~~', '@', 'https://x.y', 'word', ' ', '(', ')', '.', '😀']
  for (let round = 0; round < 2_000; round++) {
    const text = Array.from({ length: round % 40 }, () => pieces[Math.floor(Math.random() * pieces.length)]).join('')
    // The word after ``` names a language and is not shown.
    assert.equal(letters(shown(text).replace(/<(strong|emphasis|struck|code|link|mention) /g, '').replace(/(^|\|)(paragraph|quote|block):/g, '')).length,
      letters(text.replace(/^```[^\n`]*\n([\s\S]*?)\n?```[ \t]*$/gm, '\n$1\n')).length, JSON.stringify(text))
  }
})

/** Beginnings, one repeated, an end: what a reader that looks again and again would never get through. Each of any length. */
function* hostileTexts() {
  const pieces = ['*', '**', '*a', '**a ', '***a ', '_', '_a ', '_a', '`', '`a', '``a ', '```', '```a\n', '```a```\n', '~~', '~~a ', '\n', '\n>', '> ', '@', '@a', '@a.', '@.', '.', '-.', '(', ')', ').', '[',
    'https://', 'https://a.b/', 'https://a.b/(', 'www.', 'www.a', 'mailto:a@', 'a.de', '(a.de%', ' a.de%', 'a-', 'a.', ' a', ' ', '\t', '\u200d', '\u0301', '字', '@字', 'ก', '😀', '👍🏽', '\ud800', 'a*a_a~~', '\u202e']
  for (const first of ['', 'x', '*', '`', '@', 'https://a.b/', '```\n']) {
    for (const piece of pieces) for (const last of ['', 'x', '\n```']) yield length => first + piece.repeat((length - first.length - last.length) / piece.length) + last
  }
}

test('no text of 16,000 characters keeps anybody waiting, and one four times as long takes no square of it', () => {
  const works = { blocks, plain, mentions: text => mentions(text, () => false) }
  const took = (work, text, rounds) => Math.min(...Array.from({ length: rounds }, () => {
    const began = performance.now()
    work(text)
    return performance.now() - began
  }))
  for (const [name, work] of Object.entries(works)) {
    // A machine that is busy makes a fast one slow, now and then; it makes no line a square.
    const slow = [...hostileTexts()].filter(text => took(work, text(16_000), 1) > 50 && took(work, text(16_000), 5) > 50)
    const squares = slow.filter(text => took(work, text(64_000), 3) > 10 * took(work, text(16_000), 5))
    assert.deepEqual(squares.map(text => text(60)), [], name)
    assert.ok(slow.length < 5, `${name}: ${slow.map(text => text(60))}`)
  }
})

test('a name is what a person means by it: not in code, not in an address, beside letters that know no spaces', () => {
  assert.deepEqual(mentions('@ada, @bob. mail@x.org @c-d- @ada'), ['ada', 'bob', 'c-d'])
  const known = name => ['ada', 'josé', '太郎'].includes(name.normalize('NFC').toLowerCase())
  const named = { '@adaさん、こんにちは': 'ada', '请看@ada，谢谢': 'ada', '请@ada看一下': 'ada', '@ada님 안녕하세요': 'ada', '@太郎さん': '太郎', '@jose\u0301!': 'jose\u0301', 'ดู@adaด้วย': 'ada' }
  for (const [text, name] of Object.entries(named)) assert.deepEqual(mentions(text, known), [name], text)
  for (const text of ['`@ada`', '```\n@ada\n```', 'https://x.org/@ada', 'mail@ada', 'a@ada.org']) assert.deepEqual(mentions(text, known), [], text)
})

test('whatever can be registered can be mentioned, in every case and form', () => {
  for (const name of ['dot.', 'dash-', 'विक्रम', 'น้ำ', 'ada1', '_ada', '太郎', '민수', 'żółw', 'a.b-c_d', 'ΝΙΚΟΣ', 'Straße']) {
    const known = other => fold(other) === fold(name)
    for (const [before, after] of [['', ''], ['hi ', ' and'], ['(', ')'], ['', '!'], ['', ' and']]) {
      for (const written of [name, name.normalize('NFD'), name.toUpperCase(), name.toLowerCase()]) {
        assert.deepEqual(mentions(`${before}@${written}${after}`, known), [written], `${before}@${written}${after}`)
        assert.deepEqual(mentions(`${before}＠${written}${after}`, known), [written])
      }
    }
  }
  assert.deepEqual(mentions('@น้ำครับ @민수님께 (@dot.) @ada2さん', name => ['น้ำ', '민수', 'dot.', 'ada2'].includes(name)), ['น้ำ', '민수', 'dot.', 'ada2'])
  for (const text of ['@ada@social.example', '写信给王@ada.example', 'x.y+z@ada.example', 'first_@ada.example', 'e\u0301@ada']) assert.deepEqual(mentions(text, name => name === 'ada'), [], text)
  for (const [one, other] of [['ΝΙΚΟΣ', 'νικος'], ['νικοσ', 'νικος'], ['Straße', 'STRASSE'], ['JOSE\u0301', 'josé'], ['ＡＤＡ', 'ada']]) assert.equal(fold(one), fold(other))
})

test('addresses lead where they say, with or without a scheme', () => {
  const links = text => blocks(text).flatMap(({ spans }) => spans).filter(({ kind }) => kind === 'link').map(({ text, href }) => `${text} ${href}`)
  assert.deepEqual(links('www.test.de, (example.org/x) mailto:a@b.org.'), ['www.test.de https://www.test.de', 'example.org/x https://example.org/x', 'mailto:a@b.org mailto:a@b.org'])
  for (const text of ['main.rs', 'README.md', 'a.b', 'mail@example.org', '1.2.3', 'javascript:alert(1)', 'mailto:', 'example.organic']) assert.deepEqual(links(text), [], text)
  assert.deepEqual(links(`https://a.b/${'x'.repeat(3_000)}`), [])
})

test('hashes agree with those of others, however the bytes arrive', () => {
  for (const length of [0, 1, 55, 56, 63, 64, 65, 119, 120, 1_000, 100_000]) {
    const bytes = randomBytes(length)
    const hash = new Sha256()
    for (let at = 0; at < length; at += 777) hash.update(bytes.subarray(at, at + 777))
    assert.equal(hash.digest(), createHash('sha256').update(bytes).digest('hex'), `${length} bytes`)
  }
})

test('client ids are UUIDs of version 7, and in order', () => {
  assert.match(clientId(), /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  assert.ok(clientId(1_000) < clientId(2_000))
})

test('files are saved under names that mean nothing to a file system', () => {
  assert.equal(safeName('../../.bashrc'), '_.._.bashrc')
  assert.equal(safeName('a\u202etxt.exe'), 'a_txt.exe')
  assert.equal(safeName('...'), 'file')
  assert.equal([...safeName('x'.repeat(900))].length, 150)
})

test('sizes and letters read well', () => {
  assert.deepEqual([0, 1023, 1024, 1_500_000, 5e12].map(sizeOf), ['0 B', '1023 B', '1.0 KiB', '1.4 MiB', '4.5 TiB'])
  assert.deepEqual(['general', 'a general', 'xgeneral', 'get near', 'other'].map(name => fits(name, 'gen')), [5, 4, 3, 2, 0])
})

const author = { id: 1, username: 'ada', titan_number: 1 }
const message = (seq, more = {}) => ({ conversation: 1, seq, id: seq, author, at: seq, kind: 'message', text: `m${seq}`, ...more })
const range = (first, last) => Array.from({ length: last - first + 1 }, (_, at) => message(first + at))

test('a timeline applies what happens to its messages, and applying it again changes nothing', () => {
  const segment = new Segment(range(1, 3), 3)
  const happen = entry => { segment.happen(entry); segment.change(entry) }
  happen({ seq: 4, author, kind: 'edit', target: 2, text: 'new' })
  happen({ seq: 5, author: { id: 2 }, kind: 'reaction', target: 2, emoji: '👍', on: true })
  happen({ seq: 6, author, kind: 'deletion', target: 1 })
  assert.deepEqual([segment.get(2).text, segment.get(2).reactions], ['new', [{ emoji: '👍', accounts: [2] }]])
  assert.deepEqual([segment.get(1).deleted, segment.get(1).text], [true, ''])
  happen({ seq: 7, author: { id: 2 }, kind: 'reaction', target: 2, emoji: '👍', on: false })
  assert.deepEqual(segment.get(2).reactions, [])
  happen({ seq: 8, author, kind: 'edit', target: 1, text: 'back' })
  assert.equal(segment.get(1).text, '', 'what is deleted stays so')
  assert.deepEqual([segment.last, segment.lines.length], [8, 3])
})

test('a timeline notices a gap, and takes no entry twice', () => {
  const segment = new Segment(range(1, 3), 3)
  assert.equal(segment.happen(message(3)), true)
  assert.equal(segment.happen(message(5)), false)
  assert.deepEqual([segment.last, segment.head, segment.reachesHead], [3, 5, false])
  segment.append(range(3, 5), 5)
  assert.deepEqual(segment.lines.map(line => line.seq), [1, 2, 3, 4, 5])
})

test('a timeline stays bounded, at whichever end it grows', () => {
  const segment = new Segment(range(1_000, 1_059), 1_059)
  for (let first = 940; first > 0; first -= 60) {
    segment.prepend(range(first, first + 59))
    segment.trim('end')
    assert.ok(segment.lines.length <= LINES_MOST)
  }
  assert.ok(!segment.reachesHead)
  while (!segment.reachesHead) {
    segment.append(range(segment.last + 1, Math.min(segment.last + 60, 1_059)), 1_059)
    segment.trim('start')
    assert.ok(segment.lines.length <= LINES_MOST)
    const seqs = segment.lines.map(line => line.seq)
    assert.deepEqual(seqs, range(seqs[0], segment.last).map(line => line.seq))
  }
})

test('every module says what it is for and is short, and every sheet is named in the page', () => {
  const index = readFileSync(join(FOLDER, 'index.html'), 'utf8')
  for (const path of files().filter(path => /\.(js|css)$/.test(path))) {
    const [text, name] = [readFileSync(path, 'utf8'), relative(FOLDER, path)]
    assert.match(text, /^(\/\/|\/\*) \S/, `${name} doesn't open with what it is for`)
    assert.ok(text.split('\n').length <= LINES_A_FILE, `${name} is too long`)
    if (name.endsWith('.css')) assert.ok(index.includes(`"page/${name}"`), `index.html doesn't name ${name}`)
  }
  for (const [, name] of index.matchAll(/"page\/([^"]+)"/g)) assert.ok(statSync(join(FOLDER, name)), `index.html names ${name}`)
})

test('no text can become markup: nothing here makes any of one', () => {
  const forbidden = /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|setHTML|createContextualFragment|DOMParser|srcdoc\s*=/
  for (const path of files().filter(path => path.endsWith('.js'))) {
    const at = readFileSync(path, 'utf8').split('\n').findIndex(line => forbidden.test(line))
    assert.equal(at, -1, `${relative(FOLDER, path)}:${at + 1}`)
  }
})
