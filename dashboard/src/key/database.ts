/** The database of what is this visitor's own: the key, and the files of the draft. */
export async function openDatabase(name = 'nexapod-mine'): Promise<IDBDatabase | undefined> {
  const request = indexedDB.open(name, 1)
  request.onupgradeneeded = () => {
    for (const store of ['keys', 'files', 'sent']) {
      request.result.createObjectStore(store, { keyPath: 'name' })
    }
  }
  return await done(request).then(
    (database) => database,
    // Some browsers deny it, in private windows or by choice: then nothing is kept.
    () => undefined,
  )
}

/** What a request to the database gives. */
export function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error ?? new Error('the database failed'))
  })
}
