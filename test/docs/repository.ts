import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export const root = join(import.meta.dirname, '../..')

/** The text of a file, given by its path from the root. */
export const textOf = (file: string): string => readFileSync(join(root, file), 'utf8')

/** All files below a folder with one of these endings, as paths from the root; none if there is no such folder. */
export function filesBelow(folder: string, ...endings: readonly string[]): string[] {
  let names: string[]
  try {
    names = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
  } catch {
    return []
  }
  return names
    .filter((name) => endings.some((ending) => name.endsWith(ending)))
    .map((name) => `${folder}/${name.replaceAll('\\', '/')}`)
    .sort()
}

/** All files that git knows, as paths from the root, without those that are gone but still in its index. */
export function trackedFiles(): string[] {
  const list = (...options: readonly string[]): string[] =>
    execFileSync('git', ['ls-files', '-z', ...options], { cwd: root, encoding: 'utf8' })
      .split('\0')
      .filter(Boolean)
  const gone = new Set(list('--deleted'))
  return list().filter((file) => !gone.has(file))
}
