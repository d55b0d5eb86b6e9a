/** Resource lists, one a user, with which the XCAP server is measured. */

/** How many entries a list has. */
export const entries = 200

export const users = 20

/** The XCAP root is the one that a server has if it is not told another. */
export const pathOf = (user: number): string => `/xcap-root/resource-lists/users/sip:user${user}@home1.net/index`

export const selectorOf = (entry: number): string =>
  `/~~/resource-lists/list%5b@name=%22friends%22%5d/entry%5b@uri=%22sip:friend${entry}@home1.net%22%5d`

export const entryOf = (entry: number, name: string): string =>
  `<entry uri="sip:friend${entry}@home1.net"><display-name>${name}</display-name></entry>`

/** A document with one list; each version gives another name to one of its entries. */
export function documentOf(version: number, length = entries): string {
  const nameOf = (entry: number): string => (entry === version % length ? `Version ${version}` : `Friend ${entry}`)
  const members = Array.from({ length }, (_, entry) => `  ${entryOf(entry, nameOf(entry))}\n`)
  const list = `<list name="friends">\n${members.join('')}</list>`
  return `<resource-lists xmlns="urn:ietf:params:xml:ns:resource-lists">\n${list}\n</resource-lists>\n`
}
