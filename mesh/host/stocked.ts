import { type PeerId, protocols } from '@nexapod/specs'
import { throwing } from '../channel/unawaited.ts'
import { Data, type DataConfig } from '../data/data.ts'
import { Bitswap } from '../data/fetch/bitswap.ts'
import { OutsideView } from '../data/view.ts'
import { type HostedMesh, type MeshConfig, openMesh } from './mesh.ts'

/** What such a mesh is opened with: where data is kept, how much of it, and who may have it. */
export interface StockedMeshConfig extends Omit<MeshConfig, 'blockstore'> {
  readonly data: Pick<DataConfig, 'directory' | 'bytesMax' | 'mayServe'>
}

/** A mesh over which files and directories go in and out by CID. */
export interface StockedMesh extends HostedMesh {
  readonly data: Data
  /** Opens another store beside it, of which nobody on the mesh is shown anything. */
  openApart(config: Pick<DataConfig, 'directory' | 'bytesMax'>): Promise<Data>
}

/** Opens the mesh with a store of blocks, of which Helia and bitswap see what is not sealed. */
export async function openStockedMesh(config: StockedMeshConfig): Promise<StockedMesh> {
  const openPipe: DataConfig['openPipe'] = async (peer, signal) => {
    const opened = await mesh.open(peer as PeerId, protocols.data.id, signal)
    return opened.ok ? opened.value : undefined
  }
  const data = await Data.open({
    ...config.data,
    openPipe,
    fallback: new Bitswap({ get: (cid, options) => mesh.host.helia.blockstore.get(cid, options) }),
  })
  const mesh: HostedMesh = await openMesh({ ...config, blockstore: new OutsideView(data.store) })
  await mesh.serve(protocols.data.id, (pipe, from) => throwing(data.serve(pipe, from)))
  const openApart: StockedMesh['openApart'] = async (apart) => {
    return await Data.open({ ...apart, openPipe, mayServe: () => false })
  }
  return { ...mesh, data, openApart }
}
