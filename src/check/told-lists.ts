/** What the checks read of lists. */
export { innerList, listIn, statesIn, type ToldList } from '../presence/watcher/told-lists.ts'
