// Every main screen, in light and dark, wide and on a phone: nothing that a screen reader's or a keyboard's user would stumble
// over, nothing that sticks out, nothing that hostile people could do, and nothing that the browser complains of.

import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { after, before, test } from 'node:test'
import { PHONE, World } from './support.js'

const world = new World()
const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
let ada, bob, zoe

before(async () => {
  await world.start()
  ;[ada, bob, zoe] = await Promise.all([
    world.person('ada', { admin: true }), world.person('bob', { colorScheme: 'dark', admin: true }), world.person('zoe', { viewport: PHONE, hasTouch: true, isMobile: true }),
  ])
  for (const one of [ada, bob, zoe]) await one.page.evaluate(axe)
  await ada.says('A message with **marks**, `code`, a link https://example.org and @bob.\n> a quote\n```\nand a block\n```')
  await bob.sees('A message')
  await bob.message('A message').hover()
  await bob.message('A message').getByRole('button', { name: 'Reply', exact: true }).click()
  await bob.says('An answer')
  await ada.message('An answer').hover()
  await ada.message('An answer').getByRole('button', { name: 'React' }).click()
  await ada.page.getByRole('button', { name: 'party' }).click()
  await ada.sendsFile('notes.txt', Buffer.from('notes'), 'text/plain')
  await bob.message('notes.txt').waitFor()
})
after(() => world.end())

async function isClean(person, what) {
  const found = await person.page.evaluate(async () => (await globalThis.axe.run(document, { resultTypes: ['violations'] })).violations)
  const serious = found.filter(({ impact }) => impact === 'serious' || impact === 'critical')
  const told = serious.map(({ id, help, nodes }) => `${id}: ${help}\n${nodes.slice(0, 4).map(({ html, failureSummary }) => `    ${html.slice(0, 200)}\n    ${failureSummary}`).join('\n')}`)
  assert.equal(told.length, 0, `${what}:\n${told.join('\n')}`)
}

/** Nothing is wider than the window. */
async function fits(person, what) {
  const wide = await person.page.evaluate(() => {
    const hidden = element => element.closest('.unseen, [hidden], [inert], .tabs, pre, .table-frame, .skip') || getComputedStyle(element).visibility === 'hidden'
    return [...document.querySelectorAll('body *')].filter(element => {
      const { left, right, width } = element.getBoundingClientRect()
      return width > 0 && (right > innerWidth + 1 || left < -1) && !hidden(element)
    }).map(element => element.outerHTML.slice(0, 120))
  })
  assert.deepEqual(wide, [], what)
}

const SCREENS = {
  'a conversation': page => page.getByRole('heading', { level: 1, name: 'general' }),
  rooms: page => page.getByRole('button', { name: 'Make a room' }).last(),
  people: page => page.getByRole('tab', { name: 'Online' }),
  repository: page => page.getByRole('tab', { name: 'Approved' }),
  search: page => page.getByLabel('Words to search for'),
  house: page => page.getByRole('tab', { name: 'Audit log' }),
  account: page => page.getByRole('heading', { level: 2, name: 'Profile' }),
}

const open = async (person, screen) => {
  await person.page.evaluate(hash => { location.hash = hash }, screen === 'a conversation' ? '#/c/1' : `#/${screen}`)
  await SCREENS[screen](person.page).waitFor()
}

for (const screen of Object.keys(SCREENS)) {
  test(`${screen}: usable by everybody, light and dark, wide and narrow`, async () => {
    const all = screen === 'house' ? [ada, bob] : [ada, bob, zoe]
    await Promise.all(all.map(async person => {
      await open(person, screen)
      await isClean(person, `${screen}, ${person.username}`)
      await fits(person, `${screen}, ${person.username}`)
    }))
  })
}

test('what lies over the page is usable, too', async () => {
  await Promise.all([ada, bob].map(async person => {
    const { page } = person
    await open(person, 'a conversation')
    await page.getByRole('button', { name: 'Make a room' }).click()
    await isClean(person, 'a form')
    await page.keyboard.press('Escape')
    await page.keyboard.press('Control+k')
    await isClean(person, 'the switcher')
    await page.keyboard.press('Escape')
    await page.keyboard.press('Control+/')
    await isClean(person, 'the keys')
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'My account and settings' }).click()
    await isClean(person, 'a menu')
    await page.keyboard.press('Escape')
  }))
})

test('the entrance is usable, light and dark', async () => {
  for (const colorScheme of ['light', 'dark']) {
    const someone = await world.visitor({ colorScheme, viewport: PHONE })
    await someone.page.evaluate(axe)
    await someone.page.getByRole('heading', { name: 'Log in' }).waitFor()
    await isClean(someone, 'log in')
    await someone.page.getByRole('button', { name: 'Make an account' }).click()
    await isClean(someone, 'register')
    await fits(someone, 'register')
    someone.isContent()
    await someone.page.close()
  }
})

test('on a phone the sides are drawers, and everything is in reach', async () => {
  const { page } = zoe
  await open(zoe, 'a conversation')
  assert.ok(!await zoe.sidebar.isVisible())
  await page.getByRole('button', { name: 'Conversations' }).tap()
  await zoe.sidebar.waitFor()
  await isClean(zoe, 'the drawer')
  await zoe.sidebar.getByRole('link', { name: 'All rooms' }).tap()
  await page.getByRole('button', { name: 'Open general' }).or(page.getByRole('link', { name: 'Open general' })).tap()
  await zoe.field.waitFor()
  await page.getByRole('button', { name: 'Members' }).tap()
  await page.getByRole('complementary', { name: 'Members' }).getByText('ada').waitFor()
  await page.getByRole('button', { name: 'Close the list of members' }).tap()
  await zoe.field.tap()
  await page.keyboard.type('from a phone')
  await page.getByRole('button', { name: 'Send', exact: true }).tap()
  await ada.sees('from a phone')
  await zoe.message('An answer').locator('.prose').tap()
  await zoe.message('An answer').getByRole('button', { name: 'Reply', exact: true }).tap()
  await page.keyboard.type('answered from a phone')
  await page.getByRole('button', { name: 'Send', exact: true }).tap()
  await ada.message('answered from a phone').getByRole('button', { name: /In reply to/ }).waitFor()
  await fits(zoe, 'a conversation with a reply')
})

test('the theme is chosen, and stays chosen', async () => {
  const ground = () => ada.page.evaluate(() => getComputedStyle(document.body).backgroundColor)
  await open(ada, 'account')
  const light = await ground()
  await ada.page.getByLabel('Colours').selectOption('dark')
  assert.notEqual(await ground(), light)
  await ada.page.reload()
  await ada.page.getByLabel('Colours').waitFor()
  assert.notEqual(await ground(), light)
  await ada.page.getByLabel('Colours').selectOption('system')
  assert.equal(await ground(), light)
})

test('hostile texts do nothing but stand there', async () => {
  const hostile = [
    '<img src=x onerror="window.hacked=1">', '<script>window.hacked=1</script>', '[x](javascript:window.hacked=1)', 'javascript:window.hacked=1',
    '"><svg onload=window.hacked=1>', '{{constructor.constructor("window.hacked=1")()}}', '\u202egpj.exe', `https://example.org/"onmouseover="window.hacked=1`,
    'a'.repeat(5_000), '🏳️‍🌈'.repeat(300), 'Z̸̢̛̳̼͇̬̦̱͎͓̖̿̓̎ͅalgo', '```\n</code></pre><script>window.hacked=1</script>\n```', '> '.repeat(500), '*'.repeat(3_000), 'שלום <b>hello</b> مرحبا',
  ]
  await open(ada, 'a conversation')
  await open(bob, 'a conversation')
  await ada.floods(1, [...hostile, 'the end of it'])
  await bob.sees('the end of it')
  const texts = (await bob.texts()).join('\n')
  for (const text of ['<img src=x onerror="window.hacked=1">', '<script>window.hacked=1</script>', '</code></pre>']) assert.ok(texts.includes(text), text)
  assert.equal(await bob.page.locator('.timeline :is(script, img, svg:not(.icon), iframe, object)').count(), 0)
  for (const link of await bob.page.locator('.prose a').all()) assert.match(await link.getAttribute('href'), /^https?:\/\//)
  await fits(bob, 'hostile texts')
  await open(zoe, 'a conversation')
  await zoe.sees('the end of it')
  await fits(zoe, 'hostile texts on a phone')
  for (const one of [ada, bob, zoe]) assert.equal(await one.page.evaluate(() => globalThis.hacked), undefined)
})

test('the policy lets nothing else run, and is asked about each time', async () => {
  const response = await ada.page.request.get(world.url)
  const headers = response.headers()
  assert.match(headers['content-security-policy'], /^default-src 'none'; script-src 'self'/)
  assert.equal(headers['x-content-type-options'], 'nosniff')
  const again = await ada.page.request.get(world.url, { headers: { 'If-None-Match': headers.etag } })
  assert.equal(again.status(), 304)
  ada.expect(/This document requires/)
  const refused = await ada.page.evaluate(() => {
    const attempts = [
      () => { document.body.innerHTML = '<p>markup</p>' },
      () => { document.createElement('script').text = 'globalThis.hacked = 1' },
      () => { document.createElement('iframe').srcdoc = '<p>markup</p>' },
    ]
    return attempts.map(attempt => { try { attempt() } catch (error) { return error.name } return 'let through' })
  })
  assert.deepEqual(refused, ['TypeError', 'TypeError', 'TypeError'])
})

test('no page complained', () => {
  for (const one of [ada, bob, zoe]) one.isContent()
})
