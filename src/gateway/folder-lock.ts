/** A folder that one process at a time may use: two with an index each would overwrite what the other has written. */
import { closeSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** A folder that another process is using. */
export class FolderInUse extends Error {
  override readonly name = 'FolderInUse'
}

/**
 * Takes a folder for this process; returns how it is given free. A process that was killed leaves its lock behind: it
 * holds for as long as that very process is running. Throws `FolderInUse` if another one has it.
 */
export function lockFolder(folder: string): () => void {
  const file = join(folder, '+lock')
  const own = { pid: process.pid, since: startOf(process.pid) }
  if (!tryLock(file, own)) {
    const { pid, since } = holderOf(file)
    if (pid !== process.pid && startOf(pid) !== undefined && (since === undefined || startOf(pid) === since))
      throw new FolderInUse(`process ${pid} uses ${folder}; if it does not, remove ${file}`)
    if (pid === process.pid && locked.has(file)) throw new FolderInUse(`this process uses ${folder} already`)
    rmSync(file, { force: true })
    if (!tryLock(file, own)) throw new FolderInUse(`another process has just taken ${folder}`)
  }
  locked.add(file)
  return () => {
    if (locked.delete(file)) rmSync(file, { force: true })
  }
}

/** The locks of this process. */
const locked = new Set<string>()

/** A process, and when it was started, as its system says it; process numbers are used again. */
interface Holder {
  readonly pid: number
  readonly since: string | undefined
}

function tryLock(file: string, holder: Holder): boolean {
  try {
    const descriptor = openSync(file, 'wx')
    writeFileSync(descriptor, JSON.stringify(holder))
    closeSync(descriptor)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/** Who holds a lock; process 0, which is never running, for one that was not finished. */
function holderOf(file: string): Holder {
  try {
    const { pid, since } = JSON.parse(readFileSync(file, 'utf8')) as Partial<Holder>
    return { pid: Number.isInteger(pid) && pid! > 0 ? pid! : 0, since }
  } catch {
    return { pid: 0, since: undefined }
  }
}

/** When a running process was started, `running` where the system does not tell; undefined if it is not running. */
function startOf(pid: number): string | undefined {
  if (pid === 0) return undefined
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return undefined
  }
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The second field is a name in parentheses and may have spaces in it; the third is the state, the 22nd the start.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? undefined : (fields[19] ?? 'running')
  } catch {
    return 'running'
  }
}
