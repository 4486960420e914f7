// Client ids: UUIDs of version 7 (RFC 9562). Made by hand, since `crypto.randomUUID` is missing where the page comes over
// plain HTTP from another machine, and is version 4.

export function clientId(now = Date.now()) {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  for (let at = 5, rest = now; at >= 0; at--, rest = Math.floor(rest / 256)) bytes[at] = rest % 256
  bytes[6] = (bytes[6] & 0x0f) | 0x70
  bytes[8] = (bytes[8] & 0x3f) | 0x80
  const hex = Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}
