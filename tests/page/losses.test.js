// What somebody wrote or chose is not lost by a key, a change of rooms, a reload or a slip of the hand; and is gone where it should be.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { World } from './support.js'

const world = new World()
let ada, bob

before(async () => {
  await world.start()
  ;[ada, bob] = await Promise.all([world.person('ada', { admin: true }), world.person('bob')])
  await bob.says('a message of bob')
  await ada.sees('a message of bob')
  await ada.says('a message of ada')
  await ada.message('a message of ada').getByText('Sending').waitFor({ state: 'detached' })
  await ada.page.getByRole('button', { name: 'Make a room' }).click()
  await ada.dialog('Make a room').getByLabel('Name').fill('Elsewhere')
  await ada.dialog('Make a room').getByRole('button', { name: 'Make the room' }).click()
  await ada.page.getByRole('textbox', { name: 'Message to Elsewhere' }).waitFor()
  await ada.opens('general')
})
after(() => world.end())

const line = () => ada.field.inputValue()
const press = (...keys) => keys.reduce((before, key) => before.then(() => ada.page.keyboard.press(key)), Promise.resolve())

async function acts(message, what) {
  await ada.message(message).first().hover()
  await ada.message(message).first().getByRole('button', { name: what, exact: true }).click()
}

test('Escape closes every menu and picker, and gives the focus back to what opened it', async () => {
  const { page } = ada
  const openers = [
    page.getByRole('button', { name: 'About this room' }),
    page.getByRole('button', { name: 'My account and settings' }),
    page.getByRole('complementary', { name: 'Members' }).getByRole('button', { name: /line, .*bob/ }),
    page.getByRole('button', { name: 'Insert an emoji' }),
  ]
  for (const opener of openers) {
    await opener.click()
    await page.locator(':popover-open').waitFor()
    await press('Escape')
    await page.locator(':popover-open').waitFor({ state: 'detached' })
    assert.ok(await opener.evaluate(element => element === document.activeElement))
  }
  await acts('a message of bob', 'More')
  await press('Escape')
  await page.locator(':popover-open').waitFor({ state: 'detached' })
})

test('a change and an answer that are under way survive another room and a reload', async () => {
  await ada.field.fill('half a thought')
  await acts('a message of ada', 'Edit')
  await ada.field.fill('a message of ada, better')
  for (const away of [async () => { await ada.opens('Elsewhere'); await ada.opens('general') }, async () => { await ada.page.reload(); await ada.field.waitFor() }]) {
    await away()
    await ada.page.getByText('Change your message').waitFor()
    assert.equal(await line(), 'a message of ada, better')
  }
  await ada.field.focus()
  await press('Escape')
  assert.equal(await line(), 'half a thought')
  await ada.page.getByRole('button', { name: 'Go on with it' }).click()
  assert.equal(await line(), 'a message of ada, better')
  await press('Enter')
  await bob.sees('a message of ada, better')
  assert.equal(await line(), 'half a thought')

  await acts('a message of bob', 'Reply')
  await ada.opens('Elsewhere')
  assert.equal(await line(), '')
  await ada.opens('general')
  await ada.page.getByText('Reply to bob').waitFor()
  await ada.field.focus()
  await press('Escape')
  assert.equal(await line(), 'half a thought')
  await acts('a message of bob', 'Reply')
  await ada.says('the whole thought')
  await bob.message('the whole thought').getByRole('button', { name: /In reply to.*a message of bob/ }).waitFor()
})

test('the Enter of an input method sends nothing, however the browser tells of it', async () => {
  const enter = (isComposing, keyCode) => ada.field.evaluate((field, [isComposing, keyCode]) => {
    const event = new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true, isComposing })
    Object.defineProperty(event, 'keyCode', { get: () => keyCode })
    field.dispatchEvent(event)
  }, [isComposing, keyCode])
  await ada.field.fill('日本')
  await enter(true, 229)
  await enter(false, 229)
  assert.equal(await line(), '日本')
  await press('Enter')
  await bob.sees('日本')
})

test('what is indented stays so', async () => {
  await ada.says('\n    indented\n  less\n')
  await bob.sees('indented')
  await ada.message('indented').getByText('Sending').waitFor({ state: 'detached' })
  const said = await ada.page.evaluate(async () => [...document.querySelectorAll('.line.message .prose p')].map(one => one.textContent).find(text => text.includes('indented')))
  assert.equal(said, '    indented\n  less')
})

test('a file that is dropped, wherever it is, never opens in the place of the page', async () => {
  const dropOn = selector => ada.page.evaluate(selector => {
    const carried = new DataTransfer()
    carried.items.add(new File(['x'], 'dropped.txt'))
    const events = ['dragenter', 'dragover', 'drop'].map(type => new DragEvent(type, { dataTransfer: carried, bubbles: true, cancelable: true }))
    for (const event of events) document.querySelector(selector).dispatchEvent(event)
    return events.slice(1).map(event => event.defaultPrevented)
  }, selector)
  for (const selector of ['.sidebar', '.composer', 'body']) assert.deepEqual(await dropOn(selector), [true, true], selector)
  assert.equal(await ada.page.locator('.staged-file').count(), 3)
  await ada.page.evaluate(() => { location.hash = '#/people' })
  await ada.page.getByRole('heading', { level: 1, name: 'People' }).waitFor()
  for (const selector of ['.sidebar', '#screen', 'body']) assert.deepEqual(await dropOn(selector), [true, true], selector)
  await ada.opens('general')
  for (let left = 3; left > 0; left--) await ada.page.getByRole('button', { name: 'Do not send' }).first().click()
  const visitor = await world.visitor()
  await visitor.page.getByLabel('Username').waitFor()
  const prevented = await visitor.page.evaluate(() => {
    const event = new DragEvent('drop', { dataTransfer: new DataTransfer(), bubbles: true, cancelable: true })
    document.querySelector('main').dispatchEvent(event)
    return event.defaultPrevented
  })
  assert.ok(prevented)
  await visitor.page.close()
})

test('a caption can be changed and taken away, and the file stays', async () => {
  await ada.page.getByLabel('Files to send').setInputFiles({ name: 'plan.txt', mimeType: 'text/plain', buffer: Buffer.from('plan') })
  await ada.says('the captoin')
  await bob.message('plan.txt').getByText('the captoin').waitFor()
  await acts('plan.txt', 'Edit')
  await ada.says('')
  await bob.message('plan.txt').getByText('the captoin').waitFor({ state: 'detached' })
  await bob.message('plan.txt').getByRole('button', { name: 'Download plan.txt' }).waitFor()
})

test('leaving while a file is on its way is asked about', async () => {
  await ada.page.route('**/api/uploads/*', route => route.request().method() === 'PATCH' ? undefined : route.continue())
  await ada.sendsFile('slow.bin', Buffer.alloc(1_000_000))
  await ada.page.getByRole('region', { name: 'Files on their way' }).getByText('0 B of').waitFor()
  const asked = await ada.page.evaluate(() => {
    const event = new Event('beforeunload', { cancelable: true })
    dispatchEvent(event)
    return event.defaultPrevented
  })
  assert.ok(asked)
  await ada.page.getByRole('button', { name: 'Stop slow.bin' }).click()
  await ada.page.unrouteAll({ behavior: 'ignoreErrors' })
})

test('what was refused waits for its person, and is not tried again by a reload', async () => {
  const place = await bob.page.evaluate(() => {
    const account = Object.keys(localStorage).map(key => key.match(/^titan\.draft\.(\d+)\./)?.[1]).find(Boolean)
    return account
  })
  assert.equal(place, undefined, 'nothing is half written')
  await bob.page.evaluate(async () => {
    const { clientId } = await import('/page/core/ids.js')
    const me = document.querySelector('.member.me, .member')?.dataset.account
    const client_id = clientId()
    const item = { client_id, command: 'post', fields: { conversation: 1, text: 'refused once' }, at: Date.now(), state: 'failed', error: 'It was too much.' }
    for (const one of document.querySelectorAll('.member')) if (one.textContent.includes('bob')) localStorage.setItem(`titan.outbox.${one.dataset.account}.${client_id}`, JSON.stringify(item))
    return me
  })
  await bob.page.reload()
  await bob.message('refused once').getByText('Not sent: It was too much.').waitFor()
  await bob.message('refused once').getByRole('button', { name: 'Try again' }).click()
  await ada.sees('refused once')
})

test('who logs out leaves nothing half written behind', async () => {
  await bob.field.fill('for nobody else')
  await bob.chooses(bob.page.getByRole('button', { name: 'My account and settings' }), 'Log out')
  await bob.page.getByRole('heading', { name: 'Log in' }).waitFor()
  assert.deepEqual(await bob.page.evaluate(() => Object.keys(localStorage)), [])
})

test('no page complained', () => {
  ada.isContent()
  bob.isContent()
})
