import { expect, test } from 'vitest'
import { checkpointDocument } from './checkpoint/checkpoint.ts'
import { entrySchema } from './entry/entry.ts'
import { kinds } from './examples/registry.ts'
import { factSchema } from './fact/fact.ts'
import { jobDocument } from './job/job.ts'
import { limits } from './limits.ts'
import { signedSchema } from './signed/signed.ts'
import { answer, question, toFollower } from './wire/call.ts'
import { protocols, topics } from './wire/protocols.ts'
import { fromCoordinator, fromNode } from './wire/work.ts'

test('every limit is a whole number above 0, exact in every language', () => {
  for (const [name, limit] of Object.entries(limits)) {
    expect(Number.isSafeInteger(limit) && limit > 0, name).toBe(true)
  }
})

test('every limit says its unit, or counts something', () => {
  for (const name of Object.keys(limits)) expect(name).toMatch(/(Ms|Bytes|Max|Default)/)
})

test('no document is nested as deep as the limit', () => {
  for (const { name, schema } of kinds) {
    expect(schema.depth, name).toBeLessThan(limits.documentDepthMax)
  }
})

test('a job fits into a question, into a fact and into an entry', () => {
  const { bytesMax } = signedSchema(jobDocument)
  expect(bytesMax).toBeLessThan(question.bytesMax + 1)
  expect(bytesMax).toBeLessThan(factSchema.bytesMax + 1)
})

test('the largest fact fits into an entry, with the rest of the entry', () => {
  const emptyEntryBytes = 256
  expect(factSchema.bytesMax + emptyEntryBytes).toBeLessThanOrEqual(entrySchema.bytesMax)
})

test('every question and answer fits into a request', () => {
  expect(question.bytesMax).toBeLessThanOrEqual(limits.requestBytesMax)
  expect(answer.bytesMax).toBeLessThanOrEqual(limits.requestBytesMax)
})

test('every message of a stream fits into a frame of its own', () => {
  const listHeadBytes = 1
  for (const message of [fromNode, fromCoordinator, toFollower]) {
    expect(message.bytesMax + listHeadBytes).toBeLessThanOrEqual(limits.frameBytesMax)
  }
  for (const { out, back } of Object.values(protocols)) {
    expect(Math.max(out.bytesMax, back.bytesMax)).toBeLessThanOrEqual(limits.frameBytesMax)
  }
})

test('every gossip message fits into its limit', () => {
  for (const { message } of Object.values(topics)) {
    expect(message.bytesMax).toBeLessThanOrEqual(limits.gossipBytesMax)
  }
})

test('a channel holds the largest frame twice, all of them less than a process may grow by', () => {
  expect(limits.channelQueueBytesMax).toBeGreaterThanOrEqual(2 * limits.frameBytesMax)
  expect(limits.channelsBytesMax).toBeGreaterThan(16 * limits.channelQueueBytesMax)
  expect(limits.channelsBytesMax).toBeLessThan(256 * 1024 * 1024)
  expect(limits.turnMessagesMax).toBeGreaterThanOrEqual(limits.perFrameMax)
  expect(limits.followAheadMax).toBeLessThanOrEqual(limits.entriesPerAskMax)
})

test('a write fits into one message of noise, and eight of them into a window', () => {
  const noiseBytesMax = 65_519
  expect(limits.writeBytesMax).toBeLessThan(noiseBytesMax)
  expect(limits.writeBytesMax * 8).toBeLessThanOrEqual(limits.streamWindowBytes)
})

test('a lease survives two renewals that are lost, and a stream lives longer than a pause', () => {
  expect(limits.renewMs * 3).toBeLessThanOrEqual(limits.leaseMs)
  expect(limits.renewMs).toBeLessThan(limits.idleMs)
})

test('a pause grows, and what stands still goes back before a lease can be had for ever', () => {
  expect(limits.pauseMs).toBeLessThan(limits.pauseMsMax)
  expect(limits.steadyMs).toBeGreaterThan(limits.helloMs)
  expect(limits.stillMs).toBeGreaterThan(limits.leaseMs)
  expect(limits.stillMs).toBeLessThan(limits.unitMsDefault)
})

test('a node asks no more coordinators than there can be, and can keep what it holds', () => {
  expect(limits.coordinatorsDefault).toBeLessThanOrEqual(limits.coordinatorsMax)
  expect(limits.coordinatorsMax).toBeLessThanOrEqual(limits.rosterMax)
  expect(limits.leasesPerNodeMax * 2).toBeLessThan(limits.receiptsKeptMax)
  expect(limits.leasesEndedMax).toBeGreaterThanOrEqual(limits.leasesPerNodeMax)
})

test('a request is forgotten no sooner than it expires, clocks apart as they may be', () => {
  expect(limits.clockSkewMs * 2).toBeLessThan(limits.requestMsMax)
})

test('what the attempts of one unit burn together is a safe integer', () => {
  expect(Number.isSafeInteger(limits.fuelMax * limits.attemptsMax)).toBe(true)
})

test('slots and receipts of a verdict hold every attempt and an audit of each', () => {
  expect(limits.slotsMax).toBeGreaterThanOrEqual(limits.attemptsMax * 2)
  expect(limits.verdictReceiptsMax).toBeGreaterThanOrEqual(limits.slotsMax)
  expect(limits.fenceMax).toBeGreaterThan(limits.attemptsMax)
  expect(limits.quorumMax).toBeGreaterThanOrEqual(2)
})

test('the paths of Merkle trees are as long as their trees are high', () => {
  expect(2 ** limits.batchPathMax).toBe(limits.batchMax)
  // That a tree extends another takes one hash more than it is high (RFC 6962, 2.1.4).
  expect(2 ** (limits.pathHashesMax - 1)).toBe(limits.entriesMax)
})

test('what a unit gets by default is within what it may ask for', () => {
  expect(limits.unitFuelDefault).toBeLessThan(limits.fuelMax)
  expect(limits.unitMsDefault).toBeLessThan(limits.unitMsMax)
  expect(limits.unitRamBytesDefault).toBeLessThan(limits.storageBytesMax)
  expect(limits.unitDiskBytesDefault).toBeLessThan(limits.storageBytesMax)
})

test('a data URL has room for the largest content in base 64', () => {
  expect((limits.contentBytesMax * 4) / 3 + 128).toBeLessThan(limits.sourceBytesMax)
})

test('a proof of a fork fits into 2 KB, of two sizes up to a million entries', () => {
  const checkpointBytes = signedSchema(checkpointDocument).bytesMax
  const keysBytes = 64
  const pathBytes = 20 * (32 + 2)
  expect(2 * checkpointBytes + keysBytes + pathBytes).toBeLessThanOrEqual(2048)
})

test('a price at the highest rates of the largest unit is a safe integer', () => {
  const seconds = limits.unitMsMax / 1000
  const cores = 10 ** 6 * limits.coresMax * seconds
  const gpus = 10 ** 8 * limits.gpusMax * seconds
  expect(cores + gpus).toBeLessThan(limits.microMax)
})

test('a quorum is within the executions that a unit can have', () => {
  expect(limits.quorumMax).toBeLessThanOrEqual(limits.attemptsMax)
})

test('a host has room for what it allows', () => {
  const { handshakesPerAddressMax, handshakesMax, windowBytesMax, readBufferBytes } = limits
  expect(handshakesPerAddressMax * 2).toBeLessThanOrEqual(handshakesMax)
  // A second's newcomers of one address are not refused for each other.
  expect(limits.connectionsPerSecondMax).toBeLessThan(handshakesPerAddressMax)
  expect(limits.connectionsPerAddressMax).toBeLessThan(limits.connectionsMax)
  // A stream that is paused would be reset by what it was allowed.
  expect(windowBytesMax).toBeLessThan(readBufferBytes)
  expect(limits.dialAddressesMax).toBeGreaterThan(limits.addressesMax)
})

test('beacons of a whole roster are no flood, and are heard as long as they hold', () => {
  expect(limits.gossipPerSecondMax).toBeGreaterThanOrEqual(10 * limits.rosterMax)
  expect(limits.gossipMsMax).toBeLessThanOrEqual(limits.beaconMsMax)
})
