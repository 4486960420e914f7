// People talk: two browsers and the terminal client in the same rooms.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { PASSWORD, World } from './support.js'

const world = new World()
let ada, bob, tess

before(async () => {
  await world.start()
  ;[ada, bob] = await Promise.all([world.person('ada'), world.person('bob', { colorScheme: 'dark' })])
  tess = world.terminal('tess')
  await tess.register()
})

after(() => world.end())

test('somebody makes an account on the page, and is told what is wrong with it before', async () => {
  const carol = await world.visitor()
  const { page } = carol
  await page.getByLabel('Username').fill('nobody')
  await page.getByLabel('Password').fill('wrong')
  await page.getByRole('button', { name: 'Log in' }).click()
  await page.getByRole('alert').filter({ hasText: /password/i }).waitFor()
  await page.getByRole('button', { name: 'Make an account' }).click()
  await page.getByLabel('Username').fill('carol')
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD)
  await page.getByLabel('Password again').fill('another')
  await page.getByRole('button', { name: 'Make the account' }).click()
  await page.getByText('The two passwords differ').waitFor()
  await page.getByLabel('Password again').fill(PASSWORD)
  await page.getByRole('button', { name: 'Make the account' }).click()
  await carol.field.waitFor()
  await page.reload()
  await carol.field.waitFor()
  assert.ok(!page.url().includes('token'))
  await carol.chooses(page.getByRole('button', { name: 'My account and settings' }), 'Log out')
  await page.getByRole('heading', { name: 'Log in' }).waitFor()
  assert.deepEqual(await page.evaluate(() => Object.keys(localStorage)), [])
  carol.isContent()
  await page.close()
})

test('what is said at one place arrives at all others, in one order, once', async t => {
  const tail = tess.tail('#general', end => t.after(end))
  await ada.says('one from a browser')
  await Promise.all([bob.sees('one from a browser'), tail.hears('one from a browser')])
  await bob.says('two from another')
  await Promise.all([ada.sees('two from another'), tail.hears('two from another')])
  await tess.sends('#general', 'three from a terminal')
  await Promise.all([ada.sees('three from a terminal'), bob.sees('three from a terminal')])
  const wanted = ['one from a browser', 'two from another', 'three from a terminal']
  const said = texts => texts.filter(text => wanted.some(one => text.includes(one)))
  assert.deepEqual(said(await ada.texts()), wanted)
  assert.deepEqual(said(await bob.texts()), wanted)
  const heard = tail.lines.map(line => wanted.findIndex(one => line.includes(one))).filter(at => at >= 0)
  assert.deepEqual(heard, [0, 1, 2])
})

test('who writes is shown, and who is here', async () => {
  await bob.field.pressSequentially('typ')
  await ada.page.getByText('bob is writing…').waitFor()
  await bob.field.fill('')
  await ada.page.getByRole('complementary', { name: 'Members' }).getByRole('button', { name: /online,.*bob/ }).waitFor()
})

test('a message is changed, answered, reacted to and deleted, for everybody', async () => {
  await ada.says('A mesage with a mistake')
  await ada.sees('A mesage')
  await ada.message('A mesage').getByText('Sending').waitFor({ state: 'detached' })
  await ada.field.press('ArrowUp')
  await ada.says('A message without one')
  await bob.message('A message without one').getByText('(edited)').waitFor()

  await bob.message('A message without one').hover()
  await bob.message('A message without one').getByRole('button', { name: 'Reply', exact: true }).click()
  await bob.says('I saw that')
  await ada.message('I saw that').getByRole('button', { name: /In reply to.*A message without one/ }).waitFor()

  await ada.message('I saw that').hover()
  await ada.message('I saw that').getByRole('button', { name: 'React' }).click()
  await ada.page.getByRole('button', { name: 'tears of joy' }).click()
  await bob.message('I saw that').getByRole('button', { name: /😂.*by ada/ }).click()
  const both = ada.message('I saw that').getByRole('button', { name: /😂.*by you, bob/ })
  await both.waitFor()
  await both.click()
  await bob.message('I saw that').getByRole('button', { name: /😂.*by you$/ }).waitFor()

  await bob.message('I saw that').hover()
  await bob.chooses(bob.message('I saw that').getByRole('button', { name: 'More' }), 'Delete')
  await bob.dialog('Delete this message?').getByRole('button', { name: 'Delete' }).click()
  await ada.message('This message was deleted.').waitFor()
  assert.ok(!(await ada.texts()).some(text => text.includes('I saw that')))
})

test('rooms are made, found and joined with their password, and counted when unread', async () => {
  await ada.page.getByRole('button', { name: 'Make a room' }).click()
  const dialog = ada.dialog('Make a room')
  await dialog.getByLabel('Name').fill('Reading')
  await dialog.getByLabel('Password').fill('shelf')
  await dialog.getByRole('button', { name: 'Make the room' }).click()
  await ada.page.getByRole('heading', { level: 1, name: 'Reading' }).waitFor()

  await bob.page.getByRole('link', { name: 'All rooms' }).click()
  await bob.page.getByRole('button', { name: 'Join Reading' }).click()
  const door = bob.dialog('Join Reading')
  await door.getByLabel('Password').fill('wrong')
  await door.getByRole('button', { name: 'Join' }).click()
  await door.getByRole('alert').filter({ hasText: /password/i }).waitFor()
  await door.getByLabel('Password').fill('shelf')
  await door.getByRole('button', { name: 'Join' }).click()
  await ada.page.getByText('bob joined').waitFor()

  await bob.opens('general')
  await ada.says('Which book next?')
  await ada.says('What do you think, @bob?')
  await bob.link(/Reading.*, 2 unread, 1 for you/).waitFor()
  assert.match(await bob.page.title(), /^\(1\)/)
  await bob.opens(/Reading/)
  await bob.timeline.getByText('New', { exact: true }).waitFor()
  await bob.link(/^Reading$/).waitFor()
  assert.equal(await bob.page.title(), 'Reading · Titan')
})

test('two write to each other in private', async () => {
  await bob.page.getByRole('link', { name: 'People' }).click()
  await bob.page.getByLabel('Find people').fill('ad')
  await bob.page.getByRole('button', { name: 'Write to ada' }).click()
  await bob.says('Just between us')
  await ada.link(/ada|bob.*1 unread/).first().waitFor()
  await ada.opens(/bob/)
  await ada.sees('Just between us')
  await tess.run(['dm', 'ada', 'From the terminal, in private'])
  await ada.link(/tess.*1 unread/).waitFor()
})

test('what was said is found, and jumped to', async () => {
  await ada.opens('Reading')
  await ada.floods(ada.here, Array.from({ length: 130 }, (_, at) => `filler ${at}`))
  await ada.sees('filler 129')
  await ada.page.keyboard.press('Control+Shift+F')
  await ada.page.getByLabel('Words to search for').fill('which book')
  await ada.page.keyboard.press('Enter')
  await ada.page.getByRole('link', { name: /ada in Reading/ }).waitFor()
  assert.deepEqual(await ada.page.locator('.found-row').first().locator('mark').allInnerTexts(), ['Which', 'book'])
  await ada.page.getByRole('link', { name: /ada in Reading/ }).click()
  await ada.sees('Which book next?')
  await ada.page.getByRole('button', { name: 'To the latest' }).click()
  await ada.sees('filler 129')
})

test('a search that is cut says so, and looks further back', async () => {
  const rows = ada.page.locator('.found-row')
  const further = ada.page.getByRole('button', { name: 'Look further back' })
  await ada.page.keyboard.press('Control+Shift+F')
  await ada.page.getByLabel('Words to search for').fill('fill')
  await ada.page.keyboard.press('Enter')
  await ada.page.getByText('The latest 60 so far').waitFor()
  await further.click()
  await ada.page.getByText('The latest 120 so far').waitFor()
  await further.click()
  await ada.page.getByText('130 found.').waitFor()
  assert.equal(await rows.count(), 130)
  assert.equal(await further.isVisible(), false)
})

test('a large room stays fast: what is loaded is bounded, and nothing is missing on the way back', async () => {
  await bob.opens('general')
  await ada.opens('general')
  await ada.floods(1, Array.from({ length: 1_200 }, (_, at) => `line ${at}.`))
  await bob.sees('line 1199.')
  const lines = () => bob.timeline.locator('.line').count()
  assert.ok(await lines() <= 410)
  const seen = new Set()
  for (let turns = 0; !seen.has(0); turns++) {
    assert.ok(turns < 400, `the beginning was not reached, only ${Math.min(...seen)}`)
    for (const text of await bob.texts()) if (text.startsWith('line ')) seen.add(Number.parseInt(text.slice(5)))
    const first = await bob.timeline.locator('.line').first().getAttribute('data-seq')
    await bob.timeline.evaluate(scroller => { scroller.scrollTop = 0 })
    await bob.page.waitForFunction(first => document.querySelector('.line').dataset.seq !== first || document.querySelector('.beginning'), first)
  }
  assert.equal(seen.size, 1_200)
  assert.ok(await lines() <= 410)
})

test('no page complained', () => {
  ada.isContent()
  bob.isContent()
})
