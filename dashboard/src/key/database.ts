/** The database of what is this visitor's own: the key, and the files of the draft. */
export async function openDatabase(name = 'nexapod-mine'): Promise<IDBDatabase | undefined> {
  return await opened(name, ['keys', 'files', 'sent'], 'name')
}

/** Opens a database with these stores; where a browser denies it there is none. */
export async function opened(
  name: string,
  stores: readonly string[],
  keyPath: string,
): Promise<IDBDatabase | undefined> {
  const asking = async () => {
    const request = indexedDB.open(name, 1)
    request.onupgradeneeded = () => {
      for (const store of stores) request.result.createObjectStore(store, { keyPath })
    }
    return await done(request)
  }
  return await asking().then(
    (database) => database,
    // Some deny it, in private windows or by choice, and some of them with what is thrown at once.
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
