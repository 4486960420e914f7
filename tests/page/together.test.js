// What one knows of others and of where one is: unread, offline, who somebody is, where an address leads, and what a load costs.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { PHONE, World } from './support.js'

const world = new World()
let ada, bob, zoe

before(async () => {
  await world.start()
  ;[ada, bob, zoe] = await Promise.all([world.person('ada', { admin: true }), world.person('bob'), world.person('zoe', { viewport: PHONE, hasTouch: true, isMobile: true })])
})
after(() => world.end())

const goes = (person, hash) => person.page.evaluate(hash => { location.hash = hash }, hash)

async function writesTo(person, name, text) {
  await goes(person, '#/people')
  await person.page.getByLabel('Find people').fill(name)
  await person.page.getByRole('button', { name: `Write to ${name}` }).click()
  await person.says(text)
}

test('on a phone, what is unread shows without the list, on every screen', async () => {
  await goes(zoe, '#/rooms')
  await zoe.page.getByRole('heading', { level: 1, name: 'All rooms' }).waitFor()
  await writesTo(bob, 'zoe', 'to a phone')
  await zoe.page.getByRole('button', { name: 'Conversations, 1 unread' }).waitFor()
  await goes(zoe, '#/people')
  await zoe.page.getByRole('button', { name: 'Conversations, 1 unread' }).tap()
  await zoe.sidebar.getByRole('link', { name: /bob/ }).tap()
  await zoe.sees('to a phone')
  await zoe.page.getByRole('button', { name: 'Conversations', exact: true }).waitFor()
})

test('no number of rooms buries a direct message, and what is unread below is told', async () => {
  await bob.page.evaluate(async () => {
    const [{ Link }, { token }] = await Promise.all([import('/page/core/link.js'), import('/page/core/token.js')])
    const link = await new Promise((online, refused) => {
      const link = new Link({ greet: ask => ask('authenticate', { token: token() }), heard: () => {}, refused, changed: state => state === 'online' && queueMicrotask(() => online(link)) })
    })
    for (let at = 10; at < 45; at++) await link.ask('create_room', { name: `Room ${at}`, kind: 'text' })
    link.close()
  })
  await bob.opens('general')
  await writesTo(ada, 'bob', 'not to be buried')
  await bob.link(/ada.*1 unread/).waitFor()
  assert.ok(await bob.link(/ada.*1 unread/).evaluate(link => link.getBoundingClientRect().bottom < document.querySelector('.sidebar-list').getBoundingClientRect().bottom))
  await goes(ada, '#/rooms')
  await ada.page.getByRole('button', { name: 'Join Room 44' }).click()
  await ada.says('far below')
  await bob.page.getByRole('button', { name: '1 unread below' }).click()
  await bob.page.getByRole('button', { name: 'unread below' }).waitFor({ state: 'hidden' })
  await bob.page.getByRole('button', { name: 'Rooms', exact: true }).click()
  await bob.link(/Room 44.*1 unread/).waitFor()
  assert.equal(await bob.link(/^Room/).count(), 1, 'folded up, only what is unread stays')
  await bob.page.getByRole('button', { name: 'Rooms', exact: true }).click()
})

test('a name opens a card, with the site its person gave', async () => {
  await goes(bob, '#/account')
  await bob.page.getByLabel('Blog or site').fill('https://bob.example.org/')
  await bob.page.getByRole('button', { name: 'Save' }).click()
  await bob.page.getByText('Saved.').first().waitFor()
  await bob.opens('general')
  await bob.says('look at me, @bob')
  await ada.opens('general')
  for (const name of ['bob', '@bob']) {
    await ada.message('look at me').getByRole('button', { name, exact: true }).click()
    const card = ada.dialog('Actions for bob')
    await card.getByRole('link', { name: 'https://bob.example.org/' }).waitFor()
    await card.getByRole('menuitem', { name: 'Write a direct message' }).waitFor()
    await ada.page.keyboard.press('Escape')
    await card.waitFor({ state: 'detached' })
  }
})

test('an address of a room or a message leads there, or says why not', async () => {
  await ada.message('look at me').hover()
  await ada.page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  await ada.chooses(ada.message('look at me').getByRole('button', { name: 'More' }), 'Copy a link')
  const link = await ada.page.evaluate(() => navigator.clipboard.readText())
  await zoe.page.goto(link)
  await zoe.page.locator('.line.pointed').getByText('look at me').waitFor()
  await goes(zoe, '#/c/1/999999')
  await zoe.page.getByText('The message is not there').first().waitFor()
  await goes(zoe, '#/c/99999')
  await zoe.page.getByText('leads to a conversation that is not there').first().waitFor()
  const room = await bob.link('Room 20').getAttribute('href')
  await goes(zoe, room)
  await zoe.dialog('Join Room 20?').getByRole('button', { name: 'Join' }).tap()
  await zoe.page.getByRole('heading', { level: 1, name: 'Room 20' }).waitFor()
})

test('being offline is known at once, and nobody seems to be there', async () => {
  ada.expect(/WebSocket|ERR_INTERNET_DISCONNECTED|Failed to load/)
  await ada.page.context().setOffline(true)
  await ada.page.getByText('There is no connection').waitFor({ timeout: 5_000 })
  await ada.page.locator('.dot.online').first().waitFor({ state: 'detached' })
  await ada.page.evaluate(() => { location.hash = '#/repository' })
  await ada.page.getByText('There is no connection. This is loaded').waitFor()
  await ada.page.context().setOffline(false)
  await ada.page.getByText('The repository is empty').waitFor()
  await ada.page.locator('.sidebar .dot.online').first().waitFor()
})

test('a role that is given and a name that is changed arrive at all others', async () => {
  await ada.opens('general')
  const bobs = ada.page.getByRole('complementary', { name: 'Members' }).getByRole('button', { name: /bob/ })
  await goes(bob, '#/repository')
  await bob.page.getByRole('tab', { name: 'Mine, waiting' }).waitFor()
  await goes(zoe, '#/people')
  await zoe.page.locator('.people-list').getByText('bob').first().waitFor()
  await goes(bob, '#/account')
  await bob.page.getByLabel('Full name').fill('Bob the Builder')
  await bob.page.getByRole('button', { name: 'Save' }).click()
  await zoe.page.getByText('Bob the Builder').waitFor()
  await goes(bob, '#/repository')
  await goes(ada, '#/house')
  await ada.chooses(ada.page.getByRole('button', { name: 'Actions for bob' }), 'Make an admin')
  await ada.dialog('Make bob an admin?').getByRole('button', { name: 'Make an admin' }).click()
  await bob.page.getByRole('tab', { name: 'To decide' }).waitFor()
  await ada.opens('general')
  await bobs.filter({ hasText: 'admin' }).waitFor()
})

test('the list of keys opens on keyboards where "/" takes Shift, and where the letters are others', async () => {
  for (const [key, code, dialog] of [['/', 'Digit7', 'Keys'], ['л', 'KeyK', 'Go to']]) {
    await ada.page.evaluate(([key, code]) => dispatchEvent(new KeyboardEvent('keydown', { key, code, ctrlKey: true, shiftKey: key === '/', cancelable: true })), [key, code])
    await ada.dialog(dialog).waitFor()
    await ada.page.keyboard.press('Escape')
  }
})

test('the entrance takes few bytes, and a page that was seen before takes one request', async () => {
  const carol = await world.visitor()
  const { page } = carol
  const cdp = await page.context().newCDPSession(page)
  await cdp.send('Network.enable')
  let requests = []
  const bytes = new Map()
  cdp.on('Network.responseReceived', ({ requestId, response, type }) => requests.push({ requestId, url: response.url, kept: response.fromDiskCache || response.fromPrefetchCache, type }))
  cdp.on('Network.requestServedFromCache', ({ requestId }) => bytes.set(requestId, -1))
  cdp.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => bytes.set(requestId, bytes.get(requestId) ?? encodedDataLength))
  const asked = () => requests.filter(({ requestId, kept, type }) => !kept && bytes.get(requestId) !== -1 && type !== 'WebSocket').map(({ url }) => new URL(url).pathname)
  const loads = async () => {
    await page.goto('about:blank')
    requests = []
    await page.goto(world.url)
    await page.getByRole('button', { name: 'Log in' }).waitFor()
    await page.waitForLoadState('networkidle')
  }
  await page.waitForLoadState('networkidle')
  await loads()
  assert.deepEqual(asked(), ['/'])
  await cdp.send('Network.clearBrowserCache')
  await loads()
  assert.ok(asked().length <= 7, asked().join('\n'))
  const all = requests.reduce((sum, { requestId }) => sum + Math.max(0, bytes.get(requestId) ?? 0), 0)
  assert.ok(all > 10_000 && all < 120_000, `${all} bytes`)
  await page.close()
})

test('no page complained', () => {
  for (const one of [ada, bob, zoe]) one.isContent()
})
