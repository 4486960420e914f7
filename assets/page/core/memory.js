// What the browser keeps for the page: the token, drafts, what is not sent yet, the choices of its user. Where storage is
// forbidden or full, things are kept until the page closes.

const passing = new Map()

function place(lasting) {
  try {
    return lasting ? localStorage : sessionStorage
  } catch {
    return undefined
  }
}

export function recall(key, lasting = true) {
  try {
    const text = place(lasting)?.getItem(`titan.${key}`)
    return text ? JSON.parse(text) : passing.get(key)
  } catch {
    return passing.get(key)
  }
}

export function keep(key, value, lasting = true) {
  if (value === undefined || value === '') return forget(key, lasting)
  try {
    place(lasting).setItem(`titan.${key}`, JSON.stringify(value))
    passing.delete(key)
  } catch {
    passing.set(key, value)
  }
}

export function forget(key, lasting = true) {
  passing.delete(key)
  try {
    place(lasting)?.removeItem(`titan.${key}`)
  } catch {
    // Then nothing was kept there.
  }
}

/** The keys that begin so, without the beginning. */
export function keysOf(beginning) {
  const whole = `titan.${beginning}`
  const kept = (() => {
    try {
      return Object.keys(localStorage).filter(key => key.startsWith(whole)).map(key => key.slice(whole.length))
    } catch {
      return []
    }
  })()
  const held = [...passing.keys()].filter(key => key.startsWith(beginning)).map(key => key.slice(beginning.length))
  return [...new Set([...kept, ...held])]
}
