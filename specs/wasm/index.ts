/** The deterministic profile: what a module may be, and what runs it has to hold to. */
export { limits } from '../limits.ts'
export * from './face.ts'
export * from './prepare.ts'
