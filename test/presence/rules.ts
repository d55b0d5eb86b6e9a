/** Presence rules as texts, for tests. */

/** A rule: its conditions, its actions and its transformations, as XML. */
export const rule = (id: string, conditions: string, actions: string, transformations = ''): string =>
  `<rule id="${id}">
     <conditions>${conditions}</conditions>
     <actions>${actions}</actions>
     <transformations>${transformations}</transformations>
   </rule>`

/** A document of rules. */
export const ruleset = (...rules: readonly string[]): string =>
  `<ruleset xmlns="urn:ietf:params:xml:ns:common-policy" xmlns:pr="urn:ietf:params:xml:ns:pres-rules">
     ${rules.join('\n')}
   </ruleset>`

export const one = (...ids: readonly string[]): string =>
  `<identity>${ids.map((id) => `<one id="${id}"/>`).join('')}</identity>`
export const everybody = '<identity><many/></identity>'
export const handle = (value: string): string => `<pr:sub-handling>${value}</pr:sub-handling>`

/** The transformations under which everything is seen. */
export const everything = `
  <pr:provide-services><pr:all-services/></pr:provide-services>
  <pr:provide-persons><pr:all-persons/></pr:provide-persons>
  <pr:provide-devices><pr:all-devices/></pr:provide-devices>
  <pr:provide-all-attributes/>`

/** A document that allows everybody everything. */
export const openToAll = ruleset(rule('open', everybody, handle('allow'), everything))
