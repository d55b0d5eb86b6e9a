/**
 * The services of a user as a flow file writes them: initial filter criteria (TS 29.228 Annex B).
 */
import { z } from 'zod'
import { sessionCases } from '../../documents/index.ts'
import { isExpression } from '../../ims/expression.ts'
import type { InitialFilterCriterion, ServicePointTrigger } from '../../ims/s-cscf/filter-criteria.ts'

const pattern = z.string().refine(isExpression, { error: 'Not a regular expression' })

export const triggerForm = z
  .strictObject({
    method: z.string().optional(),
    registrations: z
      .array(z.enum(['initial', 're-registration', 'de-registration']))
      .min(1)
      .optional()
      .meta({ description: 'With method: REGISTER, only if it is one of these.' }),
    requestUri: pattern.optional().meta({ description: 'A regular expression on the Request-URI.' }),
    header: pattern.optional().meta({
      description: 'A header field that must be there: its name, or a regular expression for the whole name.',
    }),
    content: pattern.optional().meta({ description: 'A regular expression on the value of header: or line:.' }),
    case: z.enum(sessionCases).optional().meta({ description: 'The session case.' }),
    line: pattern.optional().meta({ description: 'A line type of the session description.' }),
    negated: z.boolean().default(false),
  })
  .refine((one) => [one.method, one.requestUri, one.header, one.case, one.line].filter(Boolean).length === 1, {
    error: 'A trigger has exactly one of method, requestUri, header, case and line',
  })

export const criterionForm = z
  .strictObject({
    priority: z.int().min(0),
    condition: z.enum(['CNF', 'DNF']).default('CNF').meta({
      description: 'CNF: every group holds by one of its triggers; DNF: one group holds by all of its triggers.',
    }),
    groups: z.array(z.array(triggerForm)),
    server: z
      .string()
      .regex(/^sips?:/, { error: 'Not a SIP URI' })
      .meta({ description: 'The application server.' }),
    default: z.enum(['continue', 'terminate']).default('continue').meta({
      description: 'What becomes of the request, or of the registration, when the server fails.',
    }),
    serviceInfo: z.string().optional().meta({ description: 'What a third-party REGISTER has for the server.' }),
    include: z
      .array(z.enum(['request', 'response']))
      .default([])
      .meta({ description: 'What a third-party REGISTER carries: the REGISTER of the user, the 200 to it.' }),
    part: z
      .enum(['registered', 'unregistered'])
      .optional()
      .meta({ description: 'Only for users who are registered, or only for those who are not.' }),
  })
  .meta({ description: 'An initial filter criterion (TS 29.228 Annex B).' })

export type TopologyCriterion = z.infer<typeof criterionForm>
export type TopologyTrigger = z.infer<typeof triggerForm>

/** The criterion as the HSS and the S-CSCF know it. */
export function criterionOf(criterion: TopologyCriterion): InitialFilterCriterion {
  const { priority, condition, groups, server, serviceInfo, include, part } = criterion
  return {
    priority,
    conditionType: condition,
    groups: groups.map((group) => group.map(triggerOf)),
    serverName: server,
    defaultHandling: criterion.default,
    ...(serviceInfo !== undefined && { serviceInfo }),
    ...(part !== undefined && { profilePart: part }),
    ...(include.length > 0 && { includes: include }),
  }
}

function triggerOf(trigger: TopologyTrigger): ServicePointTrigger {
  const { method, registrations, requestUri, header, content, line, negated } = trigger
  if (method !== undefined) return { kind: 'method', method, ...(registrations && { registrations }), negated }
  if (requestUri !== undefined) return { kind: 'requestUri', pattern: requestUri, negated }
  if (header !== undefined) return { kind: 'sipHeader', header, content, negated }
  if (line !== undefined) return { kind: 'sessionDescription', line, content, negated }
  return { kind: 'sessionCase', sessionCase: trigger.case!, negated }
}
