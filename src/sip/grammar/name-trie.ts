/** The classes of the characters that names are made of, without regard to case; 0 is for all others. */
const classOf = new Uint8Array(128)
const lower = 'abcdefghijklmnopqrstuvwxyz0123456789-+._'
for (let i = 0; i < lower.length; i++) {
  classOf[lower.charCodeAt(i)] = i + 1
  classOf[lower[i]!.toUpperCase().charCodeAt(0)] = i + 1
}

/** Bits of a class; a state is a run of 64 followers. */
const classBits = 6
const dead = 0
/** Where a walk starts. */
export const trieStart = 1

/**
 * A set of names that compare without case, walked letter by letter while a text is read: it costs no more than
 * reading, where a map would need the name cut out and hashed.
 */
export class NameTrie {
  private followers = new Uint16Array(64 << classBits)
  private numbers = new Int16Array(64).fill(-1)
  private states = 2

  /** Adds a name with its number. Only letters, digits and `-+._` may stand in it. */
  add(name: string, number: number): void {
    let state = trieStart
    for (let i = 0; i < name.length; i++) {
      const place = (state << classBits) + classOf[name.charCodeAt(i)]!
      let next = this.followers[place]!
      if (next === dead) {
        next = this.newState()
        this.followers[place] = next
      }
      state = next
    }
    this.numbers[state] = number
  }

  /** The state behind one more character. */
  step(state: number, code: number): number {
    return code < 128 ? this.followers[(state << classBits) + classOf[code]!]! : dead
  }

  /** The number of the name that ends in this state, -1 when none does. */
  numberAt(state: number): number {
    return this.numbers[state]!
  }

  /** The number of the name between these places of a text, -1 when it is not in the set. */
  find(text: string, from: number, to: number): number {
    let state = trieStart
    for (let at = from; at < to; at++) state = this.step(state, text.charCodeAt(at))
    return this.numbers[state]!
  }

  private newState(): number {
    if (this.states === this.numbers.length) {
      const followers = new Uint16Array(this.followers.length * 2)
      followers.set(this.followers)
      this.followers = followers
      const numbers = new Int16Array(this.numbers.length * 2).fill(-1)
      numbers.set(this.numbers)
      this.numbers = numbers
    }
    return this.states++
  }
}
