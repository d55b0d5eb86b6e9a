import { NameTrie } from './name-trie.ts'

/**
 * The parameter names that stand in most messages. A name found here need not be cut out of the text and hashed again
 * for each message, which is most of the cost of reading parameters.
 */
export const usualNames: readonly string[] = [
  ...[
    'branch',
    'tag',
    'lr',
    'received',
    'rport',
    'comp',
    'maddr',
    'ttl',
    'transport',
    'keep',
    'q',
    'expires',
    'reason',
  ],
  ...['retry-after', 'id', 'charset', 'boundary', 'type', 'start', 'handling', 'alg', 'ealg', 'prot', 'mod', 'spi-c'],
  ...['spi-s', 'port-c', 'port-s', 'icid-value', 'orig-ioi', 'term-ioi', 'icid-generated-at', 'utran-cell-id-3gpp'],
  ...['cgi-3gpp', 'ccf', 'ecf', 'sescase', 'regstate', 'realm', 'nonce', 'uri', 'response', 'username', 'algorithm'],
  ...['qop', 'cnonce', 'nc', 'opaque', 'stale', 'integrity-protected', 'ik', 'ck', 'auts', 'nextnonce', 'rspauth'],
  ...['reg-id', '+sip.instance', 'pub-gruu', 'temp-gruu', 'methods', 'events', 'automata', 'isfocus', 'user', 'cause'],
]

export const usualNameTrie = new NameTrie()
usualNames.forEach((name, index) => {
  usualNameTrie.add(name, index)
})
