const magic = 'nexapod entries 1\n'

/** The entries of an exported chain: each behind its length in four bytes, and a length of 0. */
export function entriesIn(file: Buffer): Buffer[] {
  if (file.subarray(0, magic.length).toString('latin1') !== magic) {
    throw new Error('not a file of entries')
  }
  const entries: Buffer[] = []
  let at = magic.length
  for (let length = file.readUInt32BE(at); length > 0; length = file.readUInt32BE(at)) {
    entries.push(file.subarray(at + 4, at + 4 + length))
    at += 4 + length
  }
  return entries
}
