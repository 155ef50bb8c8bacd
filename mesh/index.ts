/** The road: the only place that knows libp2p and Helia. */
export type { Host, HostConfig } from './host/host.ts'
