/**
 * A user as a flow file writes her: her identities and services one by one, or as the profile of an HSS in XML
 * (TS 29.228 Annex E).
 */
import { z } from 'zod'
import { isDocumentError } from '../../documents/index.ts'
import { isExpression } from '../../ims/expression.ts'
import { readUserData, type ServiceProfile, type UserData } from '../../ims/hss/user-data.ts'
import { presentityForm } from './presence-server-form.ts'
import { subscriptionForm } from './registration-form.ts'
import { criterionForm, criterionOf } from './service-form.ts'
import { subscriberForm } from './ut-form.ts'

const publicIdentity = /^(sips?:[^@\s]+@[^@\s]+|tel:\S+)$/

export const sipUri = z
  .string()
  .regex(publicIdentity, { error: 'Not a public user identity; expected such as sip:user@home1.net' })
  .meta({ description: 'A public user identity.', examples: ['sip:user1_public1@home1.net'] })

const profile = z.string().superRefine((text, context) => {
  const read = readUserData(text)
  const fault = isDocumentError(read) ? `Line ${read.line}, column ${read.column}: ${read.reason}` : faultIn(read)
  if (fault !== undefined) context.addIssue({ code: 'custom', message: fault })
})

/** What a profile has that its schema does not rule out, but that no S-CSCF could go by. */
function faultIn({ profiles }: UserData): string | undefined {
  const identities = profiles.flatMap((one) => one.identities)
  const odd = identities.find(({ identity }) => !publicIdentity.test(identity))
  if (odd !== undefined) return `The identity ${odd.identity} is no public user identity`
  const names = identities.map(({ identity }) => identity)
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice !== undefined) return `The identity ${twice} is in the profile twice`
  const criteria = profiles.flatMap((one) => one.criteria)
  const server = criteria.find(({ serverName }) => !/^sips?:/.test(serverName))
  if (server !== undefined) return `The server ${server.serverName} is no SIP URI`
  const triggers = criteria.flatMap(({ groups }) => groups.flat())
  const patterns = triggers.flatMap((trigger) => {
    if (trigger.kind === 'requestUri') return [trigger.pattern]
    if (trigger.kind === 'sipHeader') return [trigger.header, trigger.content ?? '']
    return trigger.kind === 'sessionDescription' ? [trigger.line, trigger.content ?? ''] : []
  })
  const pattern = patterns.find((text) => !isExpression(text))
  return pattern === undefined ? undefined : `${pattern} is no regular expression`
}

const userAsWritten = z
  .strictObject({
    identities: z
      .array(sipUri)
      .min(1)
      .optional()
      .meta({ description: 'Public user identities, the default one first; needed unless there is a profile.' }),
    profile: profile.optional().meta({
      description:
        'The user profile of an HSS as XML (TS 29.228 Annex E), in the place of identities and criteria, and of ' +
        'private, barred and sets in subscription; each of its service profiles is an implicit registration set.',
    }),
    sCscf: z.string().meta({
      description: 'The S-CSCF that serves the user, one of nodes:; of a user who registers, one of the home network.',
    }),
    criteria: z.array(criterionForm).default([]),
    xuis: z.array(z.string()).default([]).meta({
      description: 'XCAP user identifiers (RFC 4825 §6.2) of the user besides her identities.',
    }),
    subscription: subscriptionForm.prefault({}),
    ...presentityForm,
    ...subscriberForm,
  })
  .meta({ description: 'A user; registered if a UE of the topology is hers that is.' })

type UserAsWritten = z.infer<typeof userAsWritten>

/** A user, with her service profiles, however they were written. */
export const userForm = userAsWritten.transform((user, context) => {
  const { profile: xml, identities, criteria, subscription, ...others } = user
  if (xml === undefined) {
    if (identities === undefined)
      context.addIssue({ code: 'custom', path: ['identities'], message: 'Not given', input: user })
    const own = identities ?? []
    return { ...others, identities: own, subscription, profiles: profilesOf(own, user) }
  }
  const said = saidTwice(user)
  if (said !== undefined)
    context.addIssue({ code: 'custom', path: said, message: 'The profile says so already', input: user })
  // The text was found to be a profile above.
  const { privateIdentity, profiles } = readUserData(xml) as UserData
  const names = profiles.flatMap((one) => one.identities.map(({ identity }) => identity))
  return { ...others, identities: names, subscription: { ...subscription, private: privateIdentity }, profiles }
})

/** What is written beside a profile, which has it already. */
function saidTwice({ identities, criteria, subscription }: UserAsWritten): string[] | undefined {
  if (identities !== undefined) return ['identities']
  if (criteria.length > 0) return ['criteria']
  if (subscription.private !== undefined) return ['subscription', 'private']
  if (subscription.sets !== undefined) return ['subscription', 'sets']
  return subscription.barred.length > 0 ? ['subscription', 'barred'] : undefined
}

/** One service profile for each implicit registration set, all with the same criteria. */
function profilesOf(identities: readonly string[], { criteria, subscription }: UserAsWritten): ServiceProfile[] {
  const sets = subscription.sets ?? [identities]
  return sets.map((set) => ({
    identities: set.map((identity) => ({ identity, isBarred: subscription.barred.includes(identity) })),
    criteria: criteria.map(criterionOf),
  }))
}
