// Where one is, as the part of the address after `#`, so that the browser's back and forward work. Nothing secret stands there.
//
// #/c/5 a conversation, #/c/5/42 a message in it, #/rooms, #/people, #/repository, #/search, #/house, #/account

export function where() {
  const [screen = '', id, seq] = location.hash.replace(/^#\/?/, '').split('/')
  return screen === 'c' ? { screen, id: Number(id), seq: Number(seq) || undefined } : { screen: screen || 'home', id }
}

export const address = {
  conversation: (id, seq) => `#/c/${id}${seq ? `/${seq}` : ''}`,
  screen: screen => `#/${screen}`,
}

export function go(to) {
  if (location.hash === to) dispatchEvent(new HashChangeEvent('hashchange'))
  else location.hash = to
}
