// The server is killed and comes back: nothing is lost, nothing comes twice, and the page says how things stand.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { World } from './support.js'

const world = new World()
let ada, bob, tess

before(async () => {
  await world.start()
  ;[ada, bob] = await Promise.all([world.person('ada'), world.person('bob')])
  for (const one of [ada, bob]) one.expect(/WebSocket connection to|ERR_CONNECTION|ERR_INTERNET_DISCONNECTED|Failed to load resource/)
  tess = world.terminal('tess')
  await tess.register()
})
after(() => world.end())

test('what is written while the server is gone is sent when it is back, once, and nothing is missed', async () => {
  await ada.says('before')
  await bob.sees('before')
  await world.kill()
  await ada.page.getByText('There is no connection').waitFor()
  await ada.says('written without a server, first')
  await ada.says('written without a server, second')
  await ada.message('first').getByText('Waiting for the connection').waitFor()
  await ada.page.getByText('2 messages will be sent').waitFor()

  await world.serve()
  await tess.sends('#general', 'said in the terminal meanwhile')
  for (const one of [ada, bob]) {
    for (const text of ['server, first', 'server, second', 'said in the terminal meanwhile']) await one.sees(text)
    await one.page.getByText('There is no connection').waitFor({ state: 'hidden' })
    const texts = await one.texts()
    assert.equal(new Set(texts).size, texts.length, `something came twice: ${texts}`)
    assert.equal(texts.length, 4)
  }
  assert.deepEqual(await ada.texts(), await bob.texts())
})

test('a message whose answer was lost with the server is not doubled', async () => {
  for (let round = 0; round < 3; round++) {
    await Promise.all([ada.says(`round ${round}, of ada`), bob.says(`round ${round}, of bob`), world.kill()])
    await world.serve()
    for (const one of [ada, bob]) for (const who of ['ada', 'bob']) await one.sees(`round ${round}, of ${who}`)
  }
  for (const one of [ada, bob]) {
    await one.page.getByText('There is no connection').waitFor({ state: 'hidden' })
    await one.page.locator('.message-state').first().waitFor({ state: 'detached' })
    const rounds = (await one.texts()).filter(text => text.startsWith('round'))
    assert.equal(new Set(rounds).size, 6)
    assert.equal(rounds.length, 6, rounds.join('\n'))
  }
  assert.deepEqual(await ada.texts(), await bob.texts())
})

test('what others said meanwhile is there when the connection is, without a word more', async () => {
  const context = ada.page.context()
  await world.kill()
  await ada.page.getByText('There is no connection').waitFor()
  await context.setOffline(true)
  await world.serve()
  await tess.sends('#general', 'said while ada was away')
  await bob.sees('said while ada was away')
  assert.equal(await ada.message('said while ada was away').count(), 0)
  await context.setOffline(false)
  await ada.sees('said while ada was away')
  assert.deepEqual(await ada.texts(), await bob.texts())
})

test('what waits survives closing the page', async () => {
  await world.kill()
  await ada.page.getByText('There is no connection').waitFor()
  await ada.says('kept by the browser')
  const context = ada.page.context()
  await ada.page.close()
  await world.serve()
  ada.page = await context.newPage()
  await ada.page.goto(world.url)
  await ada.sees('kept by the browser')
  await bob.sees('kept by the browser')
  assert.equal(await bob.message('kept by the browser').count(), 1)
})

test('a draft is kept for each conversation, and does not leak into another', async () => {
  await ada.field.fill('half a thou')
  await ada.page.reload()
  await ada.field.waitFor()
  assert.equal(await ada.field.inputValue(), 'half a thou')
  await ada.page.getByRole('button', { name: 'Make a room' }).click()
  await ada.dialog('Make a room').getByLabel('Name').fill('Elsewhere')
  await ada.dialog('Make a room').getByRole('button', { name: 'Make the room' }).click()
  await ada.page.getByRole('textbox', { name: 'Message to Elsewhere' }).waitFor()
  assert.equal(await ada.field.inputValue(), '')
  await ada.opens('general')
  assert.equal(await ada.field.inputValue(), 'half a thou')
})

test('a far-away conversation is caught up with after a break, by what the server counts', async () => {
  await ada.opens('Elsewhere')
  await world.kill()
  await ada.page.getByText('There is no connection').waitFor()
  await world.serve()
  for (const text of ['one', 'two', 'three']) await tess.sends('#general', `meanwhile ${text}`)
  await ada.link(/general.*3 unread/).waitFor()
  await ada.opens(/general/)
  await ada.sees('meanwhile three')
  assert.deepEqual((await ada.texts()).slice(-3), ['meanwhile one', 'meanwhile two', 'meanwhile three'])
})

test('what cannot be sent any more is given back to who wrote it', async () => {
  await bob.page.getByRole('link', { name: 'All rooms' }).click()
  await bob.page.getByRole('button', { name: 'Join Elsewhere' }).click()
  await bob.page.getByRole('textbox', { name: 'Message to Elsewhere' }).waitFor()
  const context = bob.page.context()
  await world.kill()
  await bob.page.getByText('There is no connection').waitFor()
  await context.setOffline(true)
  await bob.says('words too late')
  await world.serve()
  await ada.opens('Elsewhere')
  await ada.page.getByText('There is no connection').waitFor({ state: 'hidden' })
  await ada.chooses(ada.page.getByRole('complementary', { name: 'Members' }).getByRole('button', { name: /bob/ }), 'Remove from the room')
  await ada.dialog('Remove bob?').getByRole('button', { name: 'Remove' }).click()
  await ada.page.getByText('bob was removed by ada').waitFor()
  await context.setOffline(false)
  await bob.page.getByText('You had written: “words too late”').first().waitFor()
  await bob.page.getByRole('heading', { level: 1, name: 'general' }).waitFor()
  assert.deepEqual(await bob.page.evaluate(() => Object.keys(localStorage).filter(key => key.includes('outbox'))), [])
})

test('no page complained', () => {
  ada.isContent()
  bob.isContent()
})
