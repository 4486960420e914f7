// The whole of it without a mouse.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { PASSWORD, World } from './support.js'

const world = new World()
let ada, keys

before(async () => {
  await world.start()
  ada = await world.person('ada')
})
after(() => world.end())

const focused = page => page.evaluate(() => {
  const { activeElement: at } = document
  return at.getAttribute('aria-label') ?? at.innerText ?? at.tagName
})

test('one registers, writes, moves between messages and acts on them by keys alone', async () => {
  const bob = await world.visitor()
  const { page } = bob
  keys = bob
  const type = text => page.keyboard.type(text)
  const press = async (...all) => { for (const key of all) await page.keyboard.press(key) }
  await page.getByLabel('Username').waitFor()
  await press('Tab', 'Tab', 'Tab', 'Tab', 'Enter')
  await page.getByRole('heading', { name: 'Make an account' }).waitFor()
  await type('bob')
  await press('Tab', 'Tab')
  await type(PASSWORD)
  await press('Tab')
  await type(PASSWORD)
  await press('Enter')
  await bob.field.waitFor()

  await type('first')
  await press('Shift+Enter')
  await type('of two lines')
  await press('Enter')
  await ada.sees(/first\s+of two lines/)
  await type('second')
  await press('Enter')
  await ada.sees('second')
  await page.locator('.message-state').first().waitFor({ state: 'detached' })

  await press('Shift+F6')
  await press('Home', 'End', 'ArrowUp')
  assert.match(await page.evaluate(() => document.activeElement.innerText), /of two lines/)
  await press('r')
  await type('an answer')
  await press('Enter')
  await ada.message('an answer').getByRole('button', { name: /In reply to/ }).waitFor()
  await page.locator('.message-state').first().waitFor({ state: 'detached' })

  await press('Shift+F6', 'End')
  await press('+', 'ArrowRight', 'Enter')
  await ada.message('an answer').getByRole('button', { name: /❤️.*by bob/ }).waitFor()
  await press('End', 'e')
  await press('Control+a')
  await type('a better answer')
  await press('Enter')
  await ada.message('a better answer').getByText('(edited)').waitFor()
  await press('Shift+F6', 'End', 'Enter', 'End')
  assert.match(await page.evaluate(() => document.activeElement.innerText), /Delete/)
  await press('Enter')
  const dialog = bob.dialog('Delete this message?')
  await dialog.waitFor()
  await press('Escape')
  await dialog.waitFor({ state: 'detached' })
  assert.equal(await ada.message('a better answer').count(), 1)
  await press('Delete', 'Tab', 'Enter')
  await ada.message('This message was deleted.').waitFor()
})

test('names are completed after @', async () => {
  const { page } = keys
  await keys.field.focus()
  await page.keyboard.type('Hello @ad')
  await page.getByRole('option', { name: 'ada' }).waitFor()
  await page.keyboard.press('Tab')
  await page.keyboard.type('!')
  await page.keyboard.press('Enter')
  await ada.sees('Hello @ada !')
})

test('the switcher goes anywhere, and dialogs give the focus back', async () => {
  const { page } = keys
  const press = async (...all) => { for (const key of all) await page.keyboard.press(key) }
  await press('Control+k')
  await page.keyboard.type('@ada')
  await page.getByRole('option', { name: /ada/ }).waitFor()
  await press('Enter')
  await page.getByRole('heading', { level: 1, name: 'ada' }).waitFor()
  await page.keyboard.type('in private')
  await press('Enter')
  await ada.link(/bob.*1 unread/).waitFor()
  await press('Alt+ArrowUp')
  await page.getByRole('heading', { level: 1, name: 'general' }).waitFor()
  await press('Alt+ArrowDown')
  await page.getByRole('heading', { level: 1, name: 'ada' }).waitFor()
  await press('Control+/')
  await keys.dialog('Keys').waitFor()
  await press('Escape')
  assert.match(await focused(page), /^Message to ada/)
  await press('Control+k')
  await page.keyboard.type('people')
  await press('Enter')
  await page.getByRole('heading', { level: 1, name: 'People' }).waitFor()
  await press('Tab', 'ArrowRight', 'ArrowRight')
  assert.equal(await page.getByRole('tab', { name: 'Requests' }).getAttribute('aria-selected'), 'true')
  await ada.page.keyboard.press('Alt+Shift+ArrowDown')
  await ada.page.getByRole('heading', { level: 1, name: 'bob' }).waitFor()
})

test('the parts of the page are reached one after the other, and every stop shows that it is one', async () => {
  const { page } = ada
  await ada.opens('general')
  await ada.field.focus()
  const parts = []
  for (let step = 0; step < 4; step++) {
    await page.keyboard.press('F6')
    parts.push(await page.evaluate(() => ['.sidebar', '.timeline', '.composer', '.members'].find(part => document.activeElement.closest(part))))
  }
  assert.deepEqual(parts, ['.members', '.sidebar', '.timeline', '.composer'])
  for (let step = 0; step < 25; step++) {
    await page.keyboard.press('Tab')
    const bare = await page.evaluate(() => {
      const { activeElement: at } = document
      if (at === document.body) return undefined
      const shows = element => { const style = getComputedStyle(element); return style.outlineStyle !== 'none' || style.boxShadow !== 'none' }
      return shows(at) || shows(at.parentElement) ? undefined : at.outerHTML.slice(0, 120)
    })
    assert.equal(bare, undefined)
  }
})

test('new messages are spoken, without a word of them read twice', async () => {
  const spoken = keys.page.getByRole('log', { name: 'New messages' })
  await keys.page.goto(`${world.url}#/c/1`)
  await keys.field.waitFor()
  await ada.says('to be spoken')
  await spoken.getByText('ada: to be spoken').waitFor()
  assert.equal(await spoken.getByText('to be spoken').count(), 1)
})

test('no page complained', () => {
  ada.isContent()
  keys.isContent()
})
