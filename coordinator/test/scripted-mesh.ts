import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type Answer,
  type ChainId,
  type CoordinatorId,
  checkpointDocument,
  type Digest,
  type Job,
  type JobId,
  jobDocument,
  jobId,
  type PublisherId,
  type Signed,
  sign,
} from '@nexapod/specs'
import { usualRules } from '../core/setting.ts'
import type { Coordinator } from '../shell/coordinator.ts'
import type { Log } from '../shell/log.ts'
import { type CoordinatorConfig, openCoordinator } from '../shell/open.ts'
import { jobFor, keyNamed, sweepOf, usualRates } from './cast.ts'
import type { Target } from './scripted-node.ts'

/** Facts as they were logged. */
export interface Logged {
  readonly what: string
  readonly facts: object
}

/** Takes facts and keeps them. */
export function listLog(): Log & { readonly lines: Logged[] } {
  const lines: Logged[] = []
  const add = (facts: object, what: string) => lines.push({ what, facts })
  return { lines, info: add, warn: add, error: add }
}

/** Folders that a test file makes, and takes away at its end. */
export class Folders {
  readonly #root = mkdtempSync(join(tmpdir(), 'nexapod-coordinator-'))
  #made = 0

  /** A path where nothing is yet. */
  next(): string {
    return join(this.#root, String(this.#made++))
  }

  /** Takes all of them away. */
  async remove(): Promise<void> {
    await rm(this.#root, { recursive: true })
  }
}

/** What a coordinator on loopback is opened with, of a mesh of its own where nothing is yet. */
export function usualConfig(directory: string): CoordinatorConfig {
  return {
    directory,
    mesh: { name: 'test', rates: usualRates },
    listen: ['/ip4/127.0.0.1/tcp/0'],
    rules: usualRules,
    log: listLog(),
  }
}

/** Opens a coordinator on loopback. */
export async function coordinatorIn(
  directory: string,
  more: Partial<CoordinatorConfig> = {},
): Promise<Coordinator> {
  return valued(await openCoordinator({ ...usualConfig(directory), ...more }))
}

/** Where nodes find a coordinator. */
export function targetOf(coordinator: Coordinator): Target {
  const { mesh, id } = coordinator
  return { mesh, coordinator: id, addresses: coordinator.addresses() }
}

/** A job of so many units whose results are compared, byte by byte, by so many nodes. */
export function jobOf(
  chain: ChainId,
  number: number,
  {
    units = 1,
    quorum = 2,
    more = {},
  }: { units?: number; quorum?: number; more?: Partial<Job> } = {},
): { readonly id: JobId; readonly signed: Signed<Job> } {
  const publisher = keyNamed('pia')
  const now = Date.now()
  const signed = sign(
    jobDocument,
    {
      ...jobFor(chain, publisher, number),
      ...{ issued: now, expires: now + 3_600_000, publisher: publisher.id as PublisherId },
      ...(units > 1 ? sweepOf(units) : {}),
      replicas: { quorum, max: 4 },
      ...more,
    },
    publisher,
  )
  return { id: jobId(signed), signed }
}

/** The value of an answer that must have one. */
export function valued<T>(answer: Answer<T>): T {
  if (!answer.ok) throw new Error(JSON.stringify(answer.refusal))
  return answer.value
}

/** What a coordinator might sign, of a chain that nobody has. */
export function checkpointBy(name: string) {
  const signer = keyNamed(name)
  const digest = 'a'.repeat(64) as Digest
  return sign(
    checkpointDocument,
    {
      ...{
        v: 1,
        chain: digest as never,
        epoch: 0,
        size: 3,
        coordinator: signer.id as CoordinatorId,
      },
      ...{ root: digest, head: digest, state: digest, time: Date.now() },
    },
    signer,
  )
}
